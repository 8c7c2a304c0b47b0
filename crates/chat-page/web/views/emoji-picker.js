// A dialog to pick an emoji.

import { offered } from "../model/shortcodes.js";
import { emoji } from "../net/emoji.js";
import { element, makeButton } from "./dom.js";

/** The maximum number of emoji that are offered. */
const SHOWN = 60;

export class EmojiPicker {
  #dialog = element("emoji-dialog", HTMLDialogElement);
  #filter = element("emoji-filter", HTMLInputElement);
  #list = element("emoji-list");
  /** @type {(emoji: string) => void} */
  #picked = () => {};

  constructor() {
    this.#filter.addEventListener("input", () => this.#draw());
    this.#filter.addEventListener("keydown", (event) => {
      if (event.key !== "Enter") return;
      event.preventDefault();
      this.#list.querySelector("button")?.click();
    });
  }

  /** @param {(emoji: string) => void} picked */
  open(picked) {
    this.#picked = picked;
    this.#filter.value = "";
    this.#draw();
    this.#dialog.showModal();
  }

  async #draw() {
    const all = await emoji();
    this.#list.replaceChildren(...offered(all, this.#filter.value, SHOWN).map(([code, one]) => {
      const button = makeButton(one, () => {
        this.#dialog.close();
        this.#picked(one);
      });
      button.title = `:${code}:`;
      button.setAttribute("aria-label", code);
      return button;
    }));
  }
}
