// Draws what has changed, once for each frame of the browser.

import { guarded } from "../net/guard.js";

/** How long a hidden page waits, in milliseconds. It has no frames, but its title must be updated. */
const HIDDEN_MS = 250;

export class Redraw {
  /** @type {(() => void)[]} */
  #parts = [];
  #isDue = false;

  /** Adds the parts of the page, in the order in which they are drawn.
   * @param {(() => void)[]} parts */
  draws(parts) {
    this.#parts = parts.map(guarded);
  }

  /** Notes that something has changed. */
  changed = () => {
    if (this.#isDue) return;
    this.#isDue = true;
    requestAnimationFrame(this.#draw);
    setTimeout(this.#draw, HIDDEN_MS);
  };

  #draw = () => {
    if (!this.#isDue) return;
    this.#isDue = false;
    for (const part of this.#parts) part();
  };
}
