// A dialog with lines to read.

import { element, make } from "./dom.js";

/** A line: a head, a text, and something to press.
 * @typedef {[head: string, text: string, button?: HTMLButtonElement]} Line */

export class ListDialog {
  #dialog = element("list-dialog", HTMLDialogElement);
  #title = element("list-title");
  #lines = element("list-lines");

  /** @param {string} title @param {Line[]} lines */
  show(title, lines) {
    this.#title.textContent = title;
    this.#lines.replaceChildren(...lines.map(line));
    if (!this.#dialog.open) this.#dialog.showModal();
  }
}

/** @param {Line} line */
function line([head, text, button]) {
  const li = make("li");
  const parts = [make("strong", head), make("span", text), ...(button ? [button] : [])];
  for (const part of parts) part.dir = "auto";
  li.append(...parts);
  return li;
}
