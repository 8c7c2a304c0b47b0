// The room that the page's address names after its `#`. Anyone can write an address, so it is validated here and is only
// a request.

/** How much of a wrong address is repeated to the person. */
const SHOWN = 40;

/** What an address asks for: a room, or a text that is not a room's name.
 * @typedef {{ room: string, wrong?: undefined } | { wrong: string, room?: undefined }} Wish */

/** Returns what a hash names, or null if it is empty.
 * @param {string} hash @returns {Wish | null} */
export function read(hash) {
  const coded = hash.replace(/^#/, "");
  if (!coded) return null;
  let text;
  try {
    text = decodeURIComponent(coded);
  } catch {
    return { wrong: shorten(coded) };
  }
  const name = text.toLowerCase();
  // The name of a room, or the server's name of a direct room.
  return /^([a-z0-9_-]{1,32}|@\d{1,16}-\d{1,16})$/.test(name) ? { room: name } : { wrong: shorten(text) };
}

/** Returns the hash that names a room, or `#` for none.
 * @param {string | null} room */
export const hashOf = (room) => (room ? `#${encodeURIComponent(room).replace("%40", "@")}` : "#");

/** @param {string} text */
const shorten = (text) => {
  const plain = [...text.replace(/[\p{C}\p{Z}]+/gu, " ")];
  return plain.length > SHOWN ? `${plain.slice(0, SHOWN).join("")}…` : plain.join("");
};
