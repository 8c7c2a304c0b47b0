// The small buttons that lead to what was missed, and their keys.

import { toMention, toUnread } from "../jumps.js";

export class Jumps {
  #unread = document.getElementById("to-unread");
  #mention = document.getElementById("to-mention");

  constructor(page) {
    this.#unread.addEventListener("click", () => toUnread(page));
    this.#mention.addEventListener("click", () => toMention(page));
    document.addEventListener("keydown", (event) => {
      // By its place: with Alt some keyboards write another letter.
      const go = { KeyU: toUnread, KeyM: toMention }[event.code];
      if (!go || !event.altKey || event.ctrlKey || event.metaKey || document.querySelector("dialog[open]")) return;
      event.preventDefault();
      go(page);
    });
  }

  render(state) {
    const { unread, mentions } = state.rooms.get(state.current)?.missed ?? { unread: 0, mentions: 0 };
    this.#unread.hidden = !unread;
    this.#unread.textContent = `↑ ${unread > 999 ? "999+" : unread} unread`;
    this.#mention.hidden = !mentions;
    this.#mention.textContent = `@ ${mentions > 999 ? "999+" : mentions} for you`;
  }
}
