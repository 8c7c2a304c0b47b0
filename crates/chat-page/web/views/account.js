// Shows who the person is, with the account actions.

import { has } from "../model/rights.js";
import { element, targetOf } from "./dom.js";

export class Account {
  #box = element("account", HTMLDetailsElement);
  #me = element("me");

  /** @param {(dialog: string) => void} open opens a dialog */
  constructor(open) {
    this.#box.addEventListener("click", (event) => {
      const dialog = targetOf(event, "[data-open]")?.dataset.open;
      if (!dialog) return;
      this.#box.open = false;
      open(dialog);
    });
  }

  /** @param {wire.Me | null} me @param {page.Room | null} room */
  render(me, room) {
    this.#me.textContent = me ? `${me.name}, ${me.role === "admin" ? "admin" : me.kind}` : "";
    for (const button of this.#box.querySelectorAll("button")) {
      const need = /** @type {import("../model/rights.js").Need | undefined} */ (button.dataset.needs);
      button.hidden = !has(need, { me, room });
    }
  }
}
