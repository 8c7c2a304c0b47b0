// Emoji by their names, such as `:tada:`.

/** @typedef {import("./complete.js").Emoji} Emoji */

/** What the picker offers before anything was typed. */
const USUAL = ["+1", "-1", "heart", "joy", "tada", "rocket", "eyes", "thinking", "cry", "fire", "100", "white_check_mark"];

/** Whether a text has anything that looks like a shortcode.
 * @param {string} text */
export const hasShortcodes = (text) => /:[\w+-]+:/.test(text);

/** The emoji whose names begin with what was typed, the shortest names first; the usual ones if that is nothing.
 * @param {Emoji[]} all @param {string} typed @param {number} most @returns {Emoji[]} */
export function offered(all, typed, most) {
  const wanted = typed.toLowerCase().replace(/^:/, "");
  if (!wanted) return USUAL.flatMap((code) => all.filter(([known]) => known === code).slice(0, 1));
  const fits = all.filter(([code]) => code.startsWith(wanted));
  return fits.sort(([a], [b]) => a.length - b.length || (a < b ? -1 : 1)).slice(0, most);
}

/** A text with its shortcodes as emoji. Names that are not known stay as they are.
 * @param {Emoji[]} all @param {string} text */
export function replaced(all, text) {
  const known = new Map(all);
  return text.replace(/:([\w+-]{1,60}):/g, (whole, code) => known.get(code) ?? whole);
}
