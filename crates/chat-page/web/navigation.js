// Which room is shown, and the ways to another one: a press, a command, the address, or that one had to leave.

import * as address from "./address.js";
import { markOf } from "./counts.js";
import { ordered } from "./views/rooms.js";

/** How many messages a room shows at first on a fast line. */
const JOINED = 50;

export class Navigation {
  #state;
  #page;

  /** `page` has `ask`, `composer`, `reading`, `offer`, `closeSides` and `changed`. */
  constructor(state, page) {
    this.#state = state;
    this.#page = page;
    addEventListener("hashchange", () => this.#state.me && this.follow());
  }

  /** Shows the room to begin with: the one shown before a break, else the one in the address, else the usual one.
   * `listed` ends when all rooms one may see are known. */
  async start(listed) {
    const state = this.#state;
    const first = state.server.default_room;
    const wish = state.current ? null : address.read(location.hash);
    const wanted = state.current ?? (state.rooms.has(wish?.room) ? wish.room : first);
    // The last room of a page that was open before may be gone.
    if (!(await this.join(wanted, false)) && wanted !== first) await this.join(first, false);
    if (!wish) return;
    if (wish.room && !state.rooms.has(wish.room)) await listed;
    this.#wish(wish);
  }

  /** Goes to the room that the address names now: typed, or by "back" and "forward". */
  follow() {
    const wish = address.read(location.hash);
    if (wish) this.#wish(wish);
  }

  #wish({ room, wrong }) {
    const { rooms, others, current } = this.#state;
    if (room === current) return;
    if (rooms.has(room)) return this.show(room, false);
    // What is shown and what the address says must agree, or messages go to another room than it says.
    address.write(current, false);
    if (wrong !== undefined) return this.#page.offer.ask(`The address names no room: ${wrong}`);
    if (others.includes(room)) return this.#page.offer.ask(`You are not in #${room}.`, `Join #${room}`, () => this.join(room));
    return this.#page.offer.ask(`There is no room #${room} that you may see.`);
  }

  async join(room, isStep = true) {
    const joined = await this.#page.ask({ type: "join", room, limit: this.#page.connection.pace.limit(JOINED) });
    if (joined) this.show(room, isStep);
    return joined;
  }

  show(name, isStep = true) {
    const { rooms, current } = this.#state;
    this.#page.closeSides();
    if (current !== name) {
      this.#leave(rooms.get(current));
      this.#state.current = name;
      const room = rooms.get(name);
      if (room) room.kept = false;
      if (room?.unread > 0) Object.assign(room, { divider: markOf(room), missed: { unread: room.unread, mentions: room.mentions } });
      address.write(name, isStep && current !== null);
      this.#page.offer.pass();
      if (room && !room.loaded) this.#page.ask({ type: "join", room: name, limit: this.#page.connection.pace.limit(JOINED) });
      this.#page.composer.show(this.#state);
      if (!matchMedia("(pointer: coarse)").matches) this.#page.composer.focus();
    }
    this.#page.changed();
  }

  #leave(room) {
    this.forget(room);
    this.#page.reading.leave(room);
  }

  /** What was unread in a room is so no more. */
  forget(room) {
    if (room) Object.assign(room, { divider: null, missed: { unread: 0, mentions: 0 }, named: null, seen: new Set() });
  }

  /** The room shown is one's no more: another is. */
  showNext() {
    const next = ordered(this.#state)[0]?.name ?? null;
    this.#state.current = null;
    if (next) return this.show(next);
    address.write(null, false);
    return this.#page.composer.show(this.#state);
  }

  async leave(name) {
    const { rooms, others } = this.#state;
    const kind = rooms.get(name)?.kind;
    if (!(await this.#page.ask({ type: "leave", room: name }))) return;
    if (rooms.delete(name) && kind === "public") others.push(name);
    if (this.#state.current === name) this.showNext();
    this.#page.changed();
  }
}
