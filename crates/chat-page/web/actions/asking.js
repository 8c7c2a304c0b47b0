// Asks the server, and tells the person if it refuses.

/** Commands that the person did not give: without a connection there is nothing to say about them. */
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
