// A sentence above the messages that the person may act on or close. It stays until then.

import { element } from "./dom.js";

export class Offer {
  #box = element("offer");
  #text = element("offer-text");
  #yes = element("offer-yes");
  /** @type {(() => unknown) | null} */
  #act = null;
  /** Whether it is about a room that the person wanted to go to, so that it ends when another room is shown. */
  #isPassing = false;

  constructor() {
    this.#yes.addEventListener("click", () => {
      this.hide();
      this.#act?.();
    });
    element("offer-off").addEventListener("click", () => this.hide());
  }

  /** @param {string} text */
  tell(text) {
    this.#show(text, "", null, false);
  }

  /** Shows a sentence about going to a room: what is wrong, or what pressing `label` does.
   * @param {string} text @param {string} [label] @param {(() => unknown) | null} [act] */
  ask(text, label = "", act = null) {
    this.#show(text, label, act, true);
  }

  /** Handles that another room is shown. */
  pass() {
    if (this.#isPassing) this.hide();
  }

  /** @param {string} text @param {string} label @param {(() => unknown) | null} act @param {boolean} isPassing */
  #show(text, label, act, isPassing) {
    this.#act = act;
    this.#isPassing = isPassing;
    this.#text.textContent = text;
    this.#yes.textContent = label;
    this.#yes.hidden = !act;
    this.#box.hidden = false;
  }

  hide() {
    this.#box.hidden = true;
    this.#text.textContent = "";
  }
}
