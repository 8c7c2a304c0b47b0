// Who is typing in the current room, and the signal that the person is.

import { TYPING_MS } from "../model/wire.js";
import { element } from "./dom.js";

/** How often others are told that the person is typing, in milliseconds. */
const TOLD_EVERY_MS = 3000;

const line = element("typing");

export class TypingSignal {
  #tell;
  #toldAt = 0;

  /** @param {() => void} tell */
  constructor(tell) {
    this.#tell = tell;
  }

  /** Notes that the person has typed. Others are not told about commands.
   * @param {string} text */
  typed(text) {
    if (!text || text.startsWith("/") || Date.now() - this.#toldAt <= TOLD_EVERY_MS) return;
    this.#toldAt = Date.now();
    this.#tell();
  }

  /** Notes that the text was sent or deleted: the next one is signalled at once. */
  end() {
    this.#toldAt = 0;
  }
}

/** @param {page.Room | null} room */
export function renderTyping(room) {
  const names = [...(room?.typing.values() ?? [])].filter(({ since }) => Date.now() - since < TYPING_MS).map(({ name }) => name);
  line.textContent = words(names);
}

/** @param {string[]} names */
function words(names) {
  if (names.length === 0) return "";
  if (names.length === 1) return `${names[0]} is typing…`;
  if (names.length === 2) return `${names[0]} and ${names[1]} are typing…`;
  return `${names.length} people are typing…`;
}
