// Reads pages of the shown room's history: before the lines held, and after a detached stretch.

import { recount } from "../model/counts.js";
import { addNewer, addOlder } from "../model/room.js";
import { PAGE } from "../model/wire.js";

export class History {
  #state;
  #shown;
  #ask;
  #pace;
  #changed;
  /** The rooms of which a page is loading.
   * @type {WeakSet<page.Room>} */
  #loading = new WeakSet();

  /** @param {page.State} state
   * @param {import("../model/shown.js").Shown} shown
   * @param {page.Ask} ask
   * @param {import("../model/pace.js").Pace} pace
   * @param {() => void} changed */
  constructor(state, shown, ask, pace, changed) {
    this.#state = state;
    this.#shown = shown;
    this.#ask = ask;
    this.#pace = pace;
    this.#changed = changed;
  }

  /** @param {page.Room} room */
  isLoading(room) {
    return this.#loading.has(room);
  }

  async older() {
    const { room } = this.#shown;
    if (!room?.more || this.isLoading(room)) return;
    const first = room.items[0]?.seq;
    const page = await this.#page(room, { before: first ?? room.head + 1 });
    // The lines that the page belongs before may have been replaced meanwhile.
    if (page && room.items[0]?.seq === first) addOlder(room, page);
    this.#follow(room);
  }

  async newer() {
    const { room } = this.#shown;
    if (!room?.detached || this.isLoading(room)) return;
    const page = await this.#page(room, { after: room.items.at(-1)?.seq ?? 0 });
    if (page) addNewer(room, page);
    this.#follow(room);
  }

  /** @param {page.Room} room @param {{ before: wire.Seq } | { after: wire.Seq }} from */
  async #page(room, from) {
    this.#loading.add(room);
    const page = await this.#ask({ type: "history", room: room.name, ...from, limit: this.#pace.limit(PAGE) });
    this.#loading.delete(room);
    return page;
  }

  /** @param {page.Room} room */
  #follow(room) {
    recount(this.#state, room);
    this.#changed();
  }
}
