// Asks the server, and tells the person if it refuses.

/** Commands that the page sends by itself. If they fail without a connection, the person is not told. */
const QUIET = ["rooms", "history", "read", "members"];

/** @param {import("../net/connection.js").Connection} connection
 * @param {import("../views/notes.js").Notes} notes
 * @returns {page.Ask} */
export const asking = (connection, notes) => async (frame) => {
  try {
    return await connection.ask(frame);
  } catch (error) {
    const { code, message } = /** @type {wire.Problem} */ (error);
    if (code !== "offline" || !QUIET.includes(frame.type)) notes.complain(message);
    return null;
  }
};
