// Whether the person reads what is shown, and the read mark that follows from it.

import { markOf } from "./counts.js";
import { recount } from "./state.js";

const READ_AFTER_MS = 700;

export class Reading {
  #state;
  #page;
  #timer = 0;

  /** `page` has `ask`, `isLive`, `isAtEnd` and `changed`. */
  constructor(state, page) {
    this.#state = state;
    this.#page = page;
    addEventListener("focus", () => this.again());
    document.addEventListener("visibilitychange", () => this.again());
  }

  /** Whether the newest message is looked at. A browser that does not say so has not said yes. */
  get isNow() {
    return document.visibilityState === "visible" && document.hasFocus?.() === true && this.#page.isAtEnd();
  }

  /** The person does something in the room shown, so what was marked as unread elsewhere is read again. */
  again() {
    const room = this.#state.rooms.get(this.#state.current);
    if (room) room.kept = false;
    this.#page.changed();
  }

  /** Sets the read mark once the newest message was looked at for a moment. */
  follow() {
    const room = this.#state.rooms.get(this.#state.current);
    const isDue = room && room.head > room.read && room.loaded && !room.apart && !room.kept && this.isNow;
    if (!isDue) {
      clearTimeout(this.#timer);
      this.#timer = 0;
      return;
    }
    this.#timer ||= setTimeout(() => {
      this.#timer = 0;
      if (this.isNow && !room.kept && this.#state.rooms.get(this.#state.current) === room) this.#mark(room, room.head);
    }, READ_AFTER_MS);
  }

  /** The person leaves a room: what they saw as it came is read, though the moment was short. */
  leave(room) {
    if (room && room.looked > room.read) this.#mark(room, markOf(room));
  }

  async #mark(room, seq) {
    if (!this.#page.isLive()) return;
    room.read = seq;
    room.marking = (room.marking ?? 0) + 1;
    recount(this.#state, room);
    this.#page.changed();
    await this.#page.ask({ type: "read", room: room.name, seq });
    room.marking -= 1;
  }
}
