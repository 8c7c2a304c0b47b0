// A sentence above the messages that the person may act on or close. It stays until then.

import { element } from "./dom.js";

export class Offer {
  #box = element("offer");
  #text = element("offer-text");
  #yes = element("offer-yes");
  /** @type {(() => unknown) | null} */
  #act = null;
  /** Whether it is about a room that the person wanted to go to, and over when another one is shown. */
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

  /** Says something about the way to a room: what is wrong with it, or what the person may do by pressing `label`.
   * @param {string} text @param {string} [label] @param {(() => unknown) | null} [act] */
  ask(text, label = "", act = null) {
    this.#show(text, label, act, true);
  }

  /** Another room is shown. */
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
