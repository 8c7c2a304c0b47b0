// Pages of a room's history: those before what is held, and those after a stretch that was jumped to.

import { newer } from "./room.js";
import { PAGE } from "./wire.js";

export class Pages {
  #state;
  #ask;
  #changed;

  #pace;

  constructor(state, ask, changed, pace) {
    this.#pace = pace;
    this.#state = state;
    this.#ask = ask;
    this.#changed = changed;
  }

  get #room() {
    return this.#state.rooms.get(this.#state.current);
  }

  async older() {
    const room = this.#room;
    if (!room || room.loading || !room.more) return;
    room.loading = true;
    await this.#ask({ type: "history", room: room.name, before: room.items[0]?.seq ?? room.head + 1, limit: this.#pace.limit(PAGE) });
    room.loading = false;
  }

  async newer() {
    const room = this.#room;
    if (!room || room.loading || !room.apart) return;
    Object.assign(room, { loading: true, seeking: true });
    const answer = await this.#ask({ type: "history", room: room.name, after: room.items.at(-1)?.seq ?? 0, limit: this.#pace.limit(PAGE) });
    Object.assign(room, { loading: false, seeking: false });
    if (answer) newer(room, answer);
    this.#changed();
  }
}
