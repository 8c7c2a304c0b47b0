// The messages of the room on the screen. They follow the newest while the reader is at the end; while the reader is
// further up, nothing moves.

import { isMessage } from "../model/counts.js";
import { Stretch } from "../model/stretch.js";
import { Beginning } from "./beginning.js";
import { element } from "./dom.js";
import { linkRooms } from "./formatted.js";
import { lookFor } from "./in-sight.js";
import { Rows } from "./rows.js";
import { Viewport } from "./viewport.js";

/** What the timeline needs.
 * @typedef {object} Needs
 * @property {page.State} state
 * @property {import("../model/shown.js").Shown} shown
 * @property {import("../actions/history.js").History} history
 * @property {(room: string) => page.Entry[]} pending the messages of a room that are not sent
 * @property {(room: page.Room) => void} attach reads the newest messages of a room, of which an earlier stretch is held
 * @property {() => void} changed
 */

export class Timeline {
  #frame = element("timeline");
  #list = element("messages");
  #newest = element("newest");
  #viewport = new Viewport(this.#frame, this.#list);
  #beginning;
  #rows = new Rows(this.#list);
  #stretch = new Stretch();
  #needs;
  /** @type {page.Room | null} */
  #room = null;
  /** The head when the reader left the end. Newer messages are counted as new. */
  #leftAt = 0;

  /** @param {Needs} needs */
  constructor(needs) {
    this.#needs = needs;
    this.#frame.addEventListener("scroll", () => this.#scrolled(), { passive: true });
    this.#beginning = new Beginning(() => needs.history.older());
    this.#newest.addEventListener("click", () => this.toNewest());
    this.#viewport.onResize(() => needs.shown.isAtEnd && this.#viewport.toEnd());
  }

  /** Shows the newest message. What was missed counts as seen; its divider stays. */
  toNewest() {
    const { shown, attach, changed } = this.#needs;
    const room = this.#room;
    if (room?.detached) attach(room);
    this.#stretch.follow();
    shown.isAtEnd = true;
    if (room) {
      shown.of(room).missed = { unread: 0, mentions: 0 };
      this.#draw(room);
    }
    this.#viewport.toEnd();
    changed();
  }

  render() {
    const { shown } = this.#needs;
    const { room } = shown;
    if (room !== this.#room) {
      this.#room = room;
      this.#rows.clear();
      this.#stretch.follow();
      shown.isAtEnd = true;
    }
    if (!room) return;
    this.#draw(room);
    const { target } = shown.of(room);
    if (target !== null) this.#seek(room, target);
  }

  /** @param {page.Room} room */
  #draw(room) {
    const { state, shown, history, pending } = this.#needs;
    const anchor = shown.isAtEnd ? null : this.#viewport.anchor();
    const { start, end } = this.#stretch.range(room.items);
    this.#rows.render({ room, view: shown.of(room), me: state.me?.name ?? null, start, end, pending: pending(room.name) });
    linkRooms(this.#list, (name) => state.rooms.has(name) || state.others.includes(name));
    this.#beginning.render(room, start === 0, history.isLoading(room));
    if (anchor) this.#viewport.keep(anchor);
    else this.#viewport.toEnd();
    this.#pill(room);
    this.#look(room);
    // At the very top, the browser does not keep the scroll position when a page is added.
    if (!shown.isAtEnd && start > 0 && this.#viewport.isNearTop) queueMicrotask(() => this.#scrolled());
  }

  /** Scrolls to a message, and marks it.
   * @param {page.Room} room @param {wire.Seq} seq */
  #seek(room, seq) {
    this.#needs.shown.of(room).target = null;
    const at = room.items.findIndex((item) => item.seq === seq);
    if (at < 0) return;
    this.#stretch.center(room.items, at);
    this.#needs.shown.isAtEnd = false;
    this.#leftAt = room.head;
    this.#draw(room);
    this.#rows.mark(seq);
    this.#pill(room);
    this.#look(room);
  }

  #scrolled() {
    const { shown, history, changed } = this.#needs;
    const room = this.#room;
    if (!room) return;
    const { isNearTop, isNearEnd } = this.#viewport;
    const isAtEnd = this.#stretch.followsNewest && !room.detached && this.#viewport.isAtEnd;
    if (isAtEnd !== shown.isAtEnd) {
      shown.isAtEnd = isAtEnd;
      this.#leftAt = room.head;
      this.#pill(room);
      changed();
    }
    this.#look(room);
    if (!this.#stretch.followsNewest && isNearEnd) {
      this.#stretch.moveDown(room.items);
      this.#draw(room);
    } else if (isNearTop && this.#stretch.hasAbove(room.items)) {
      this.#stretch.moveUp(room.items);
      this.#draw(room);
    } else if (isNearTop && room.more && room.loaded) {
      history.older();
    } else if (room.detached && isNearEnd) {
      history.newer();
    }
  }

  /** Shows how many messages are newer than those that the reader has seen.
   * @param {page.Room} room */
  #pill(room) {
    const count = room.items.filter((item) => isMessage(item) && item.seq > this.#leftAt).length;
    this.#newest.hidden = this.#needs.shown.isAtEnd;
    this.#newest.textContent = count ? `↓ ${count} new` : "↓ Newest";
  }

  /** @param {page.Room} room */
  #look(room) {
    const { shown, changed } = this.#needs;
    if (lookFor(shown.of(room), this.#frame, this.#list)) changed();
  }
}
