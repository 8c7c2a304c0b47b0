// A sentence for the person, below the composer: news, or what went wrong.

import { element } from "./dom.js";

export class Notes {
  #note = element("composer-note");

  /** @param {string} text */
  tell(text) {
    this.#show(text, false);
  }

  /** Shows what went wrong.
   * @param {string} text */
  complain(text) {
    this.#show(text, true);
  }

  clear() {
    this.#show("", false);
  }

  get text() {
    return this.#note.textContent ?? "";
  }

  /** @param {string} text @param {boolean} isWrong */
  #show(text, isWrong) {
    this.#note.textContent = text;
    this.#note.classList.toggle("wrong", isWrong);
  }
}
