// Completes the word before the cursor with Tab, and cycles through the completions.

import { complete } from "../model/complete.js";
import { emoji } from "../net/emoji.js";

export class TabCompletion {
  #text;
  #known;
  /** @type {import("../model/complete.js").Completion | null} */
  #completion = null;
  /** @type {import("../model/complete.js").Emoji[]} */
  #emoji = [];

  /** @param {HTMLTextAreaElement} text
   * @param {() => { state: page.State, room: page.Room | null }} known */
  constructor(text, known) {
    this.#text = text;
    this.#known = known;
    emoji().then((list) => (this.#emoji = list));
  }

  /** Completes the word, or goes to the next or the previous completion. Returns false if there is nothing to complete.
   * @param {boolean} isBack */
  step(isBack) {
    const { value, selectionStart } = this.#text;
    if (this.#completion) {
      const { length } = this.#completion.words;
      this.#completion.at = (this.#completion.at + (isBack ? length - 1 : 1)) % length;
    } else if (!isBack) {
      this.#completion = complete(value, selectionStart, { ...this.#known(), emoji: this.#emoji });
    }
    if (!this.#completion) return false;
    const { start, words, at } = this.#completion;
    this.#text.setRangeText(words[at] ?? "", start, selectionStart, "end");
    return true;
  }

  /** Notes that the person continues to type: the next Tab starts a new completion. */
  end() {
    this.#completion = null;
  }
}
