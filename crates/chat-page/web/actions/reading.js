// Whether the person reads what is on the screen, and the read mark that follows from it.

import { readUpTo, recount } from "../model/counts.js";

/** How long the newest message must be in sight. */
const READ_AFTER_MS = 700;

export class Reading {
  #state;
  #shown;
  #ask;
  #isLive;
  #changed;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;

  /** @param {page.State} state
   * @param {import("../model/shown.js").Shown} shown
   * @param {page.Ask} ask
   * @param {() => boolean} isLive
   * @param {() => void} changed */
  constructor(state, shown, ask, isLive, changed) {
    this.#state = state;
    this.#shown = shown;
    this.#ask = ask;
    this.#isLive = isLive;
    this.#changed = changed;
    addEventListener("focus", () => this.again());
    document.addEventListener("visibilitychange", () => this.again());
  }

  /** Whether the person looks at the newest message. A browser that cannot tell has not said yes. */
  get isNow() {
    return document.visibilityState === "visible" && document.hasFocus?.() === true && this.#shown.isAtEnd;
  }

  /** The person does something in the room, so it counts as read again even if another device marked it as unread. */
  again() {
    const { room } = this.#shown;
    if (room) room.keptUnread = false;
    this.#changed();
  }

  /** Sets the read mark once the newest message was in sight for a moment. */
  follow() {
    const { room } = this.#shown;
    const isDue = room && room.head > room.read && room.loaded && !room.detached && !room.keptUnread && this.isNow;
    if (!isDue) {
      clearTimeout(this.#timer);
      this.#timer = undefined;
      return;
    }
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      if (this.isNow && !room.keptUnread && this.#shown.room === room) this.#mark(room, room.head);
    }, READ_AFTER_MS);
  }

  /** The person leaves a room: what they saw as it came is read, even if the moment was short.
   * @param {page.Room | null} room */
  leave(room) {
    if (room && room.seenLive > room.read) this.#mark(room, readUpTo(room));
  }

  /** @param {page.Room} room @param {wire.Seq} seq */
  async #mark(room, seq) {
    if (!this.#isLive()) return;
    room.read = seq;
    room.marking += 1;
    recount(this.#state, room);
    this.#changed();
    await this.#ask({ type: "read", room: room.name, seq });
    room.marking -= 1;
  }
}
