// Whether the person is reading the messages on the screen, and the resulting read mark.

import { readUpTo, recount } from "../model/counts.js";

/** How long the newest message must be visible, in milliseconds. */
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

  /** Whether the person is looking at the newest message. If the browser cannot tell, this is false. */
  get isNow() {
    return document.visibilityState === "visible" && document.hasFocus?.() === true && this.#shown.isAtEnd;
  }

  /** Notes that the person does something in the room, so it counts as read even if another device marked it as unread. */
  again() {
    const { room } = this.#shown;
    if (room) room.keptUnread = false;
    this.#changed();
  }

  /** Sets the read mark once the newest message was visible for a moment. */
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

  /** Notes that the person leaves a room: messages that they saw arrive are read, however briefly they were visible.
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
