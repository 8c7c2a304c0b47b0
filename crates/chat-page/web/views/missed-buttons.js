// The buttons that jump to missed messages, and their keys.

import { element } from "./dom.js";

export class MissedButtons {
  #unread = element("to-unread");
  #mention = element("to-mention");

  /** @param {import("../actions/missed.js").Missed} missed */
  constructor(missed) {
    this.#unread.addEventListener("click", () => missed.toUnread());
    this.#mention.addEventListener("click", () => missed.toMention());
    document.addEventListener("keydown", (event) => {
      if (!event.altKey || event.ctrlKey || event.metaKey || document.querySelector("dialog[open]")) return;
      // By the position of the key, because with Alt some keyboards type another letter.
      if (event.code === "KeyU") missed.toUnread();
      else if (event.code === "KeyM") missed.toMention();
      else return;
      event.preventDefault();
    });
  }

  /** @param {page.Numbers} missed */
  render({ unread, mentions }) {
    this.#unread.hidden = !unread;
    this.#unread.textContent = `↑ ${unread > 999 ? "999+" : unread} unread`;
    this.#mention.hidden = !mentions;
    this.#mention.textContent = `@ ${mentions > 999 ? "999+" : mentions} for you`;
  }
}
