// The room that the page's address names, behind its `#`. Anyone can write an address, so it is only ever a wish: it is
// parsed here, and what to do about it is decided elsewhere.

/** How much of an address is repeated to the person. */
const SHOWN = 40;

/** What a hash names: `{ room }`, `{ wrong }` with the text of what is none, or null for nothing. */
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
  // A room, or one of two people, whose name the server makes.
  return /^([a-z0-9_-]{1,32}|@\d{1,16}-\d{1,16})$/.test(name) ? { room: name } : { wrong: shorten(text) };
}

/** Writes the room shown into the address; as a step that "back" undoes, or in place of what stands there. */
export function write(room, isStep) {
  const hash = room ? `#${encodeURIComponent(room).replace("%40", "@")}` : "#";
  if (location.hash === hash || (!room && !location.hash)) return;
  try {
    if (isStep) history.pushState(null, "", hash);
    else history.replaceState(null, "", hash);
  } catch {
    // Browsers limit how often it may change. It is right again with the next room.
  }
}

const shorten = (text) => {
  const plain = [...text.replace(/[\p{C}\p{Z}]+/gu, " ")];
  return plain.length > SHOWN ? `${plain.slice(0, SHOWN).join("")}…` : plain.join("");
};
