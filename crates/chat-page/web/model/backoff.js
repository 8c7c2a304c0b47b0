// When to connect again after a break: exponential back-off with full jitter, or when the server asked for it.

const FIRST_MS = 500;
const LONGEST_MS = 30_000;

/** Returns how long to wait.
 * @param {number} failures how many attempts have failed in a row
 * @param {number | undefined} after the server's wish
 * @param {number} chance from 0 to 1 */
export function delay(failures, after, chance) {
  if (after !== undefined) return after + chance * 1000;
  return chance * Math.min(LONGEST_MS, FIRST_MS * 2 ** failures);
}
