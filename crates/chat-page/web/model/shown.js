// What is on the screen: which room, and for each room what the person has missed, jumped to and drafted. This is dropped
// with the room: a person who leaves a room and comes back starts from scratch.

import { readUpTo } from "./counts.js";

/** @returns {page.RoomView} */
const createView = () => ({ divider: null, missed: { unread: 0, mentions: 0 }, seenMentions: new Set(), mentionAt: null, target: null, draft: "" });

export class Shown {
  #state;
  /** @type {WeakMap<page.Room, page.RoomView>} */
  #views = new WeakMap();

  /** The name of the room on the screen.

   * @type {string | null} */
  name = null;
  /** Whether the newest message is visible. */
  isAtEnd = true;

  /** @param {page.State} state */
  constructor(state) {
    this.#state = state;
  }

  /** The room on the screen. */
  get room() {
    return (this.name !== null && this.#state.rooms.get(this.name)) || null;
  }

  /** @param {page.Room} room */
  of(room) {
    const view = this.#views.get(room) ?? createView();
    this.#views.set(room, view);
    return view;
  }

  /** Returns the view of the room with a name, or null if the person is not in it.
   * @param {string | null} name */
  viewOf(name) {
    const room = name === null ? undefined : this.#state.rooms.get(name);
    return room ? this.of(room) : null;
  }

  /** Puts a room on the screen, with a divider above its unread messages.
   * @param {string | null} name */
  open(name) {
    this.name = name;
    const { room } = this;
    if (!room) return;
    room.keptUnread = false;
    if (room.unread > 0) Object.assign(this.of(room), { divider: readUpTo(room), missed: { unread: room.unread, mentions: room.mentions } });
  }

  /** Forgets what was missed in a room, because the person has left it or written in it.
   * @param {page.Room | null} room */
  forget(room) {
    if (room) Object.assign(this.of(room), { divider: null, missed: { unread: 0, mentions: 0 }, mentionAt: null, seenMentions: new Set() });
  }

  /** Returns the numbers of the room on the screen, for `follow`.
   * @returns {page.Numbers} */
  numbers() {
    return { unread: this.room?.unread ?? 0, mentions: this.room?.mentions ?? 0 };
  }

  /** Handles a frame that the state has applied. `before` are the numbers from before that.
   * @param {wire.ServerFrame} frame @param {page.Numbers} before */
  follow(frame, before) {
    const { room } = this;
    if (!room || !("room" in frame) || frame.room !== room.name) return;
    const view = this.of(room);
    const { unread, mentions } = room;
    if (frame.type === "read" && room.keptUnread) {
      Object.assign(view, { divider: frame.seq, missed: { unread, mentions } });
    } else if (frame.type === "read") {
      view.missed = { unread: Math.min(view.missed.unread, unread), mentions: Math.min(view.missed.mentions, mentions) };
    } else if ("by" in frame) {
      if (before.unread === 0 && unread > 0) view.divider ??= frame.seq - 1;
      const { missed } = view;
      view.missed = { unread: Math.max(0, missed.unread + unread - before.unread), mentions: Math.max(0, missed.mentions + mentions - before.mentions) };
    }
  }
}
