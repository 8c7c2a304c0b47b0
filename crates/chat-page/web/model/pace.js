// How fast the line is, measured by the replies that came over it, and how much to ask for at once. A page should take a
// few seconds, so that on a slow line each page arrives before a break, and a retry goes on from there.

/** How long a page should take. */
const PAGE_MS = 5000;
/** How long a message is assumed to be before one was seen. */
const MESSAGE_BYTES = 400;
/** The longest page on any line: the line may have become slow since. */
const PAGE_CHARACTERS = 128 * 1024;
const FEWEST = 5;

export class Pace {
  /** Bytes a second; null until a reply was long enough to tell.
   * @type {number | null} */
  #rate = null;
  #bytesEach = MESSAGE_BYTES;
  #breaks = 0;

  /** A reply of so many characters and messages came after `ms`.
   * @param {number} length @param {number} messages @param {number} ms */
  answered(length, messages, ms) {
    this.#breaks = 0;
    if (messages > 0) this.#bytesEach = Math.max(50, length / messages);
    // A short reply measures the delay, not the rate; but a long delay means a slow line.
    if (length > 4096 || (this.#rate === null && ms > 500)) this.#rate = (length / Math.max(ms, 1)) * 1000;
  }

  /** The connection broke while a reply was on its way. */
  broke() {
    this.#breaks += 1;
  }

  /** How many messages to ask for; `most` on a fast line.
   * @param {number} most */
  limit(most) {
    const fits = this.#rate === null ? most : (this.#rate * PAGE_MS) / 1000 / this.#bytesEach;
    return Math.max(FEWEST, Math.min(most, Math.floor(Math.min(fits, PAGE_CHARACTERS / this.#bytesEach) / 2 ** this.#breaks)));
  }
}
