// The top of the timeline: a button for earlier messages, or a note that there are none.

import { beginningOf } from "../model/words.js";
import { element } from "./dom.js";

export class Beginning {
  #older = element("older", HTMLButtonElement);
  #begins = element("begins");

  /** @param {() => void} loadOlder */
  constructor(loadOlder) {
    this.#older.addEventListener("click", () => loadOlder());
  }

  /** @param {page.Room} room
   * @param {boolean} isTop whether the first line that is held is in the document
   * @param {boolean} isLoading whether earlier messages are on their way */
  render(room, isTop, isLoading) {
    this.#older.hidden = !room.loaded || !isTop || !room.more;
    this.#older.disabled = isLoading;
    this.#begins.hidden = !room.loaded || !isTop || room.more;
    this.#begins.textContent = beginningOf(room);
  }
}
