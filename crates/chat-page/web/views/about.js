// What the message that is being written is about: a reply to a message, or its edit. A bar above the composer says so.

import { gist } from "../model/words.js";
import { element } from "./dom.js";

/** How many characters of the message are shown. */
const SHOWN = 80;

export class About {
  #box = element("about");
  #text = element("about-text");
  /** @type {page.About | null} */
  #about = null;

  constructor() {
    element("about-off").addEventListener("click", () => this.set(null));
  }

  /** @param {page.About | null} about null: a plain message */
  set(about) {
    this.#about = about;
    this.#box.hidden = !about;
    if (about?.reply) this.#text.textContent = `Reply to ${about.reply.by.name}: ${[...gist(about.reply)].slice(0, SHOWN).join("")}`;
    if (about?.edit) this.#text.textContent = "Edit message";
  }

  get isPlain() {
    return this.#about === null;
  }

  /** Whether the text replaces that of an earlier message. */
  get isEdit() {
    return Boolean(this.#about?.edit);
  }

  /** Returns what the message is about. The next one is a plain message. */
  take() {
    const about = this.#about;
    this.set(null);
    return about;
  }
}
