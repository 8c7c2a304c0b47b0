// What the browser keeps for the page between visits. A browser may forbid that, or have no room: then everything is
// kept for this visit alone, and the person is told once.

const PREFIX = "chat.";

/** What could not be put into the browser's storage. */
const visit = new Map();
let isLasting = true;
let heard = () => {};

/** `hear` is called once, if nothing can be kept beyond this visit: now or when that shows. */
export function onlyThisVisit(hear) {
  heard = hear;
  if (!isLasting) return hear();
  try {
    localStorage.setItem(`${PREFIX}probe`, "1");
    localStorage.removeItem(`${PREFIX}probe`);
  } catch {
    fail();
  }
  return undefined;
}

function fail() {
  const isNews = isLasting;
  isLasting = false;
  if (isNews) heard();
}

/** The text kept under a key, or null. */
export function get(key) {
  if (visit.has(key)) return visit.get(key);
  try {
    return localStorage.getItem(PREFIX + key);
  } catch {
    fail();
    return null;
  }
}

/** Keeps a text under a key; null removes it. */
export function set(key, value) {
  visit.delete(key);
  try {
    if (value === null) localStorage.removeItem(PREFIX + key);
    else localStorage.setItem(PREFIX + key, value);
  } catch {
    // What stood there before is out of date, and a smaller text may still fit later.
    visit.set(key, value);
    fail();
  }
}
