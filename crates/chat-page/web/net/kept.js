// What the browser keeps for the page between visits. If it forbids that or has no room, everything is kept for this
// visit only, and the person is told once.

const PREFIX = "chat.";

/** What the browser's storage did not take.
 * @type {Map<string, string | null>} */
const visit = new Map();
let isLasting = true;
let hear = () => {};

/** Calls `listener` once if nothing can be kept beyond this visit: now, or when that shows.
 * @param {() => void} listener */
export function onlyThisVisit(listener) {
  hear = listener;
  if (!isLasting) return hear();
  try {
    localStorage.setItem(`${PREFIX}probe`, "1");
    localStorage.removeItem(`${PREFIX}probe`);
  } catch {
    fail();
  }
}

function fail() {
  const isNews = isLasting;
  isLasting = false;
  if (isNews) hear();
}

/** The text kept under a key, or null.
 * @param {string} key @returns {string | null} */
export function get(key) {
  const here = visit.get(key);
  if (here !== undefined) return here;
  try {
    return localStorage.getItem(PREFIX + key);
  } catch {
    fail();
    return null;
  }
}

/** Keeps a text under a key; null removes it.
 * @param {string} key @param {string | null} value */
export function set(key, value) {
  visit.delete(key);
  try {
    if (value === null) localStorage.removeItem(PREFIX + key);
    else localStorage.setItem(PREFIX + key, value);
  } catch {
    // What the storage still has is out of date, and a smaller text may fit later.
    visit.set(key, value);
    fail();
  }
}
