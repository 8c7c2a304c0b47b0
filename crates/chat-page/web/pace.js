// How fast the line is, by the answers that came over it, and how much to ask for at once: a page should take some
// seconds, so that on a slow line each piece arrives before a break, and a retry goes on from there.

/** How long a page should take, and how long a message is thought to be before one was seen. */
const PAGE_MS = 5000;
const MESSAGE_BYTES = 400;
/** The longest page on any line: it may have become slow since. */
const PAGE_CHARACTERS = 128 * 1024;
const FEWEST = 5;

export class Pace {
  /** Bytes a second; unknown until an answer of some length came. */
  #rate = null;
  #bytesEach = MESSAGE_BYTES;
  #breaks = 0;

  /** An answer of so many characters and messages took so long. */
  answered(length, messages, ms) {
    this.#breaks = 0;
    if (messages > 0) this.#bytesEach = Math.max(50, length / messages);
    // Short answers measure the delay, not the rate; a long delay goes with a slow line.
    if (length > 4096 || (this.#rate === null && ms > 500)) this.#rate = (length / Math.max(ms, 1)) * 1000;
  }

  /** The line broke while an answer was on its way. */
  broke() {
    this.#breaks += 1;
  }

  /** How many messages to ask for, `most` on a fast line. */
  limit(most) {
    const fits = this.#rate === null ? most : (this.#rate * PAGE_MS) / 1000 / this.#bytesEach;
    return Math.max(FEWEST, Math.min(most, Math.floor(Math.min(fits, PAGE_CHARACTERS / this.#bytesEach) / 2 ** this.#breaks)));
  }
}
