// Draws what has changed, once a frame.

import { guarded } from "../net/guard.js";

/** How long a hidden page waits: it has no frames, and still a title to keep. */
const HIDDEN_MS = 250;

export class Redraw {
  /** @type {(() => void)[]} */
  #parts = [];
  #isDue = false;

  /** Takes the parts of the page, in the order in which they are drawn.
   * @param {(() => void)[]} parts */
  draws(parts) {
    this.#parts = parts.map(guarded);
  }

  /** Something has changed. */
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
