// Measures how fast the connection is, from the replies on it, and decides how much to request at once. A page should take
// a few seconds, so that on a slow connection each page arrives before a break, and a retry continues from there.

/** How long a page should take, in milliseconds. */
const PAGE_MS = 5000;
/** The assumed length of a message before one was received. */
const MESSAGE_BYTES = 400;
/** The longest page on any connection: it may have become slow since. */
const PAGE_CHARACTERS = 128 * 1024;
const FEWEST = 5;

export class Pace {
  /** Bytes a second. Null until a reply was long enough to measure.
   * @type {number | null} */
  #rate = null;
  #bytesEach = MESSAGE_BYTES;
  #breaks = 0;

  /** Notes a reply with this many characters and messages after `ms`.
   * @param {number} length @param {number} messages @param {number} ms */
  answered(length, messages, ms) {
    this.#breaks = 0;
    if (messages > 0) this.#bytesEach = Math.max(50, length / messages);
    // A short reply measures the latency, not the rate. But a long latency means a slow connection.
    if (length > 4096 || (this.#rate === null && ms > 500)) this.#rate = (length / Math.max(ms, 1)) * 1000;
  }

  /** Notes that the connection broke while a reply was pending. */
  broke() {
    this.#breaks += 1;
  }

  /** Returns how many messages to request: `most` on a fast connection.
   * @param {number} most */
  limit(most) {
    const fits = this.#rate === null ? most : (this.#rate * PAGE_MS) / 1000 / this.#bytesEach;
    return Math.max(FEWEST, Math.min(most, Math.floor(Math.min(fits, PAGE_CHARACTERS / this.#bytesEach) / 2 ** this.#breaks)));
  }
}
