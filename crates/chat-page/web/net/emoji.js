// The emoji and their names, from the server.

/** @typedef {import("../model/complete.js").Emoji} Emoji */

/** @type {Promise<Emoji[]> | null} */
let all = null;

/** Returns every name with its emoji, or nothing if the server does not answer. It is asked once.
 * @returns {Promise<Emoji[]>} */
export async function emoji() {
  all ??= fetch("/api/emoji").then((answer) => answer.json()).catch(() => {
    all = null;
    return [];
  });
  return all;
}
