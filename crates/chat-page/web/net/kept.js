// The browser's storage between visits. If the browser forbids it or has no space, everything is kept for this visit only,
// and the person is told once.

const PREFIX = "chat.";

/** What the browser's storage did not accept.
 * @type {Map<string, string | null>} */
const visit = new Map();
let isLasting = true;
let hear = () => {};

/** Calls `listener` once if nothing can be kept beyond this visit: now, or as soon as that is known.
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

/** Returns the text stored under a key, or null.
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

/** Stores a text under a key. Null removes it.
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
