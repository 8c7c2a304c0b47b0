// The emoji and their names, asked of the server once they are needed.

let all = null;

/** Every name with its emoji. */
export async function emoji() {
  all ??= fetch("/api/emoji").then((answer) => answer.json()).catch(() => {
    all = null;
    return [];
  });
  return all;
}

const USUAL = ["+1", "-1", "heart", "joy", "tada", "rocket", "eyes", "thinking", "cry", "fire", "100", "white_check_mark"];

/** Those whose names begin so, the shortest first; without any letters the usual ones. */
export async function offered(typed, most) {
  const list = await emoji();
  const wanted = typed.toLowerCase().replace(/^:/, "");
  if (!wanted) return USUAL.map((code) => list.find(([known]) => known === code)).filter(Boolean);
  const fits = list.filter(([code]) => code.startsWith(wanted));
  return fits.sort(([a], [b]) => a.length - b.length || (a < b ? -1 : 1)).slice(0, most);
}

/** A text with its `:shortcodes:` as emoji; what is none stays as it is. */
export async function replaced(text) {
  if (!/:[\w+-]+:/.test(text)) return text;
  const known = new Map(await emoji());
  return text.replace(/:([\w+-]{1,60}):/g, (whole, code) => known.get(code) ?? whole);
}
