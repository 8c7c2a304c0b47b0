// The page's address, which names the room that is shown.

import { hashOf, read } from "../model/address.js";
import { element } from "./dom.js";

export class AddressBar {
  /** Called when the address has changed: it was typed, or the person went back or forward. */
  onChange = () => {};

  /** @param {() => void} skip moves the focus to the composer */
  constructor(skip) {
    element("skip").addEventListener("click", (event) => {
      // The link must not change the address, which names the room.
      event.preventDefault();
      skip();
    });
    addEventListener("hashchange", () => this.onChange());
  }

  /** Returns what the address asks for, or null if it names nothing. */
  wish() {
    return read(location.hash);
  }

  /** Writes a room into the address, as a step that "back" undoes, or in place of the current one.
   * @param {string | null} room @param {boolean} isStep */
  write(room, isStep) {
    const hash = hashOf(room);
    if (location.hash === hash || (!room && !location.hash)) return;
    try {
      if (isStep) history.pushState(null, "", hash);
      else history.replaceState(null, "", hash);
    } catch {
      // Browsers limit how often the address changes. The next room corrects it.
    }
  }

  /** Removes the room from the address. */
  clear() {
    history.replaceState(null, "", location.pathname + location.search);
  }
}
