// Emoji by their names, such as `:tada:`.

/** @typedef {import("./complete.js").Emoji} Emoji */

/** The emoji that the picker offers before anything is typed. */
const USUAL = ["+1", "-1", "heart", "joy", "tada", "rocket", "eyes", "thinking", "cry", "fire", "100", "white_check_mark"];

/** Whether a text contains anything like a shortcode.
 * @param {string} text */
export const hasShortcodes = (text) => /:[\w+-]+:/.test(text);

/** Returns the emoji whose names begin with the typed text, the shortest names first, or the usual ones if it is empty.
 * @param {Emoji[]} all @param {string} typed @param {number} most @returns {Emoji[]} */
export function offered(all, typed, most) {
  const wanted = typed.toLowerCase().replace(/^:/, "");
  if (!wanted) return USUAL.flatMap((code) => all.filter(([known]) => known === code).slice(0, 1));
  const fits = all.filter(([code]) => code.startsWith(wanted));
  return fits.sort(([a], [b]) => a.length - b.length || (a < b ? -1 : 1)).slice(0, most);
}

/** Replaces the shortcodes in a text by their emoji. Unknown names stay as they are.
 * @param {Emoji[]} all @param {string} text */
export function replaced(all, text) {
  const known = new Map(all);
  return text.replace(/:([\w+-]{1,60}):/g, (whole, code) => known.get(code) ?? whole);
}
