// The room that the page's address names after its `#`. Anyone can write an address, so it is parsed here and only ever
// a wish.

/** How much of a wrong address is repeated to the person. */
const SHOWN = 40;

/** What an address asks for: a room, or a text that is no room's name.
 * @typedef {{ room: string, wrong?: undefined } | { wrong: string, room?: undefined }} Wish */

/** What a hash names; null if it is empty.
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
  // A room's name, or that of a direct room, which the server makes.
  return /^([a-z0-9_-]{1,32}|@\d{1,16}-\d{1,16})$/.test(name) ? { room: name } : { wrong: shorten(text) };
}

/** The hash that names a room; `#` for none.
 * @param {string | null} room */
export const hashOf = (room) => (room ? `#${encodeURIComponent(room).replace("%40", "@")}` : "#");

/** @param {string} text */
const shorten = (text) => {
  const plain = [...text.replace(/[\p{C}\p{Z}]+/gu, " ")];
  return plain.length > SHOWN ? `${plain.slice(0, SHOWN).join("")}…` : plain.join("");
};
