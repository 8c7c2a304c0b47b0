// Which room is on the screen, and how it changes: by a click, a command, the address, or a removal.

import { ordered } from "../model/state.js";

/** How many messages of a room are read first on a fast connection. */
const JOINED = 50;

/** What navigation needs.
 * @typedef {object} Needs
 * @property {page.State} state
 * @property {import("../model/shown.js").Shown} shown
 * @property {page.Ask} ask
 * @property {import("../model/pace.js").Pace} pace
 * @property {import("./reading.js").Reading} reading
 * @property {import("../views/address-bar.js").AddressBar} bar
 * @property {import("../views/offer.js").Offer} offer
 * @property {import("../views/composer.js").Composer} composer
 * @property {() => void} closeSides closes the lists that cover the conversation
 * @property {() => void} changed
 */

export class Navigation {
  #needs;

  /** @param {Needs} needs */
  constructor(needs) {
    this.#needs = needs;
    needs.bar.onChange = () => needs.state.me && this.follow();
  }

  /** Shows a first room: the one shown before a break, otherwise the one in the address, otherwise the default one.
   * `listed` resolves when all rooms that the person may see are known.
   * @param {Promise<void>} listed */
  async start(listed) {
    const { state, shown, bar } = this.#needs;
    const first = state.server?.default_room ?? "";
    const wish = shown.name === null ? bar.wish() : null;
    const wished = wish?.room !== undefined && state.rooms.has(wish.room) ? wish.room : first;
    const wanted = shown.name ?? wished;
    // The room that was shown before a break may be gone.
    if (!(await this.join(wanted, false)) && wanted !== first) await this.join(first, false);
    if (!wish) return;
    if (wish.room && !state.rooms.has(wish.room)) await listed;
    this.#go(wish);
  }

  /** Goes to the room in the address, because it was typed or the person went back or forward. */
  follow() {
    const wish = this.#needs.bar.wish();
    if (wish) this.#go(wish);
  }

  /** @param {import("../model/address.js").Wish} wish */
  #go({ room, wrong }) {
    const { state, shown, bar, offer } = this.#needs;
    if (room !== undefined && room === shown.name) return;
    if (room !== undefined && state.rooms.has(room)) return this.show(room, false);
    // The address must name the room on the screen. Otherwise people could write to a different room than they think.
    bar.write(shown.name, false);
    if (wrong !== undefined) return offer.ask(`The address names no room: ${wrong}`);
    if (state.others.includes(room)) return offer.ask(`You are not in #${room}.`, `Join #${room}`, () => this.join(room));
    return offer.ask(`There is no room #${room}, or you cannot see it.`);
  }

  /** Joins a room and shows it. Returns null if that is refused.
   * @param {string} room @param {boolean} isStep whether "back" undoes it */
  async join(room, isStep = true) {
    const joined = await this.#read(room);
    if (joined) this.show(room, isStep);
    return joined;
  }

  /** @param {string} room */
  #read(room) {
    const { ask, pace } = this.#needs;
    return ask({ type: "join", room, limit: pace.limit(JOINED) });
  }

  /** Shows a room that the person is in.
   * @param {string} name @param {boolean} isStep whether "back" undoes it */
  show(name, isStep = true) {
    const { shown, reading, bar, offer, composer, closeSides, changed } = this.#needs;
    closeSides();
    if (shown.name !== name) {
      const before = shown.room;
      const isFirst = shown.name === null;
      shown.forget(before);
      reading.leave(before);
      shown.open(name);
      bar.write(name, isStep && !isFirst);
      offer.pass();
      if (shown.room && !shown.room.loaded) this.#read(name);
      composer.show();
      // On a phone the keyboard would cover the messages.
      if (!matchMedia("(pointer: coarse)").matches) composer.focus();
    }
    changed();
  }

  /** Shows another room, because the person is no longer in the current one. */
  showNext() {
    const { state, shown, bar, composer } = this.#needs;
    const next = ordered(state)[0];
    shown.open(null);
    if (next) return this.show(next.name);
    bar.write(null, false);
    composer.show();
  }

  /** @param {string} name */
  async leave(name) {
    const { state, shown, ask, changed } = this.#needs;
    const kind = state.rooms.get(name)?.kind;
    if (!(await ask({ type: "leave", room: name }))) return;
    if (state.rooms.delete(name) && kind === "public") state.others.push(name);
    if (shown.name === name) this.showNext();
    changed();
  }

  /** Creates a room and shows it.
   * @param {string} room @param {boolean} isPrivate @param {string} topic */
  async create(room, isPrivate, topic) {
    const joined = await this.#needs.ask({ type: "create", room, kind: isPrivate ? "private" : "public", topic });
    if (joined) this.show(room);
  }

  /** Shows the direct room with a user. Returns whether it is shown.
   * @param {string} user */
  async direct(user) {
    const joined = await this.#needs.ask({ type: "direct", user });
    if (joined) this.show(joined.room.name);
    return joined !== null;
  }
}
