// The menu that opens beside a name or a message.

import { element, makeButton } from "./dom.js";

export class Menu {
  #box = element("menu");
  /** The element that it was opened from.
   * @type {HTMLElement | null} */
  #from = null;

  constructor() {
    this.#box.addEventListener("keydown", (event) => this.#key(event));
    addEventListener("pointerdown", (event) => {
      if (!(event.target instanceof Node && this.#box.contains(event.target))) this.close();
    });
    addEventListener("resize", () => this.close());
  }

  /** Opens beside an element.
   * @param {HTMLElement} from @param {string} name what it is about @param {page.Choice[]} choices */
  open(from, name, choices) {
    this.#from = from;
    const items = choices.map(([label, act]) => {
      const button = makeButton(label, () => {
        this.close();
        act();
      });
      button.setAttribute("role", "menuitem");
      return button;
    });
    const [first] = items;
    if (!first) return;
    this.#box.replaceChildren(...items);
    this.#box.setAttribute("aria-label", name);
    this.#box.hidden = false;
    const { left, bottom } = from.getBoundingClientRect();
    const { width, height } = this.#box.getBoundingClientRect();
    this.#box.style.left = `${Math.max(8, Math.min(left, innerWidth - width - 8))}px`;
    this.#box.style.top = `${Math.max(8, Math.min(bottom + 4, innerHeight - height - 8))}px`;
    first.focus();
  }

  close() {
    if (this.#box.hidden) return;
    const hadFocus = this.#box.contains(document.activeElement);
    this.#box.hidden = true;
    if (hadFocus) this.#from?.focus();
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    const items = [...this.#box.querySelectorAll("button")];
    const at = items.findIndex((item) => item === document.activeElement);
    const places = new Map([["ArrowDown", at + 1], ["ArrowUp", at - 1], ["Home", 0], ["End", items.length - 1]]);
    const to = places.get(event.key);
    if (to !== undefined) {
      event.preventDefault();
      items[(to + items.length) % items.length]?.focus();
    } else if (event.key === "Escape" || event.key === "Tab") {
      event.preventDefault();
      event.stopPropagation();
      this.close();
    }
  }
}
