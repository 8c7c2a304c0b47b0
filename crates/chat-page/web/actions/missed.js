// Jumps to missed messages: the first unread one, and the next one that mentions the person.

import { isMessage } from "../model/counts.js";

/** How many messages are read at once while searching for a mention, and how often. */
const PAGE = 200;
const PAGES = 20;

export class Missed {
  #state;
  #shown;
  #ask;
  #seeking;
  #notes;

  /** @param {page.State} state
   * @param {import("../model/shown.js").Shown} shown
   * @param {page.Ask} ask
   * @param {import("./seeking.js").Seeking} seeking
   * @param {import("../views/notes.js").Notes} notes */
  constructor(state, shown, ask, seeking, notes) {
    this.#state = state;
    this.#shown = shown;
    this.#ask = ask;
    this.#seeking = seeking;
    this.#notes = notes;
  }

  /** Goes to the first message that was unread when the room was opened. */
  async toUnread() {
    const { room } = this.#shown;
    const divider = room ? this.#shown.of(room).divider : null;
    if (!room || divider === null) return this.#notes.tell("No unread messages here.");
    return this.#seeking.seek(room.name, divider + 1);
  }

  /** Goes to the next mention after the last one that was jumped to, or after the first unread message. */
  async toMention() {
    const { room } = this.#shown;
    if (!room) return;
    const view = this.#shown.of(room);
    const after = view.mentionAt ?? view.divider;
    view.mentionAt = after === null ? null : await this.#next(room, after);
    if (view.mentionAt !== null) return this.#seeking.seek(room.name, view.mentionAt);
    view.missed.mentions = 0;
    this.#notes.tell("No more mentions.");
  }

  /** Returns the next mention after a seq, or null if there is none.
   * @param {page.Room} room @param {wire.Seq} after */
  async #next(room, after) {
    const { me } = this.#state;
    const isMention = (/** @type {wire.Event} */ item) =>
      isMessage(item) && me !== null && item.seq > after && item.by.id !== me.id && item.mentions?.includes(me.name);
    const first = room.items[0]?.seq ?? Infinity;
    if (!room.detached && (first <= after + 1 || !room.more)) return room.items.find(isMention)?.seq ?? null;
    for (let turn = 0, from = after; turn < PAGES; turn++) {
      const page = await this.#ask({ type: "history", room: room.name, after: from, limit: PAGE });
      const found = page?.messages.find(isMention);
      if (found) return found.seq;
      const last = page?.messages.at(-1);
      if (!page?.more || !last) return null;
      from = last.seq;
    }
    return null;
  }
}
