// The side with the rooms: the joined ones with what is new in them, and those that the person could join.

import { ordered } from "../model/state.js";
import { label } from "../model/words.js";
import { element, onSubmit } from "./dom.js";
import { fill, onPress, shortly } from "./room-list.js";

/** What the list of rooms needs.
 * @typedef {object} Needs
 * @property {page.State} state
 * @property {import("../model/shown.js").Shown} shown
 * @property {(room: string) => void} open
 * @property {(room: string) => void} join
 * @property {(room: string, isPrivate: boolean) => void} create
 */

export class Rooms {
  #list = element("room-list");
  #direct = element("direct-list");
  #directHead = element("direct-head");
  #others = element("other-list");
  #othersHead = element("others-head");
  #elsewhere = element("new-elsewhere");
  #needs;

  /** @param {Needs} needs */
  constructor(needs) {
    this.#needs = needs;
    onPress(this.#list, needs.open);
    onPress(this.#direct, needs.open);
    onPress(this.#others, needs.join);
    document.addEventListener("keydown", (event) => {
      if (!event.altKey || !["ArrowUp", "ArrowDown"].includes(event.key)) return;
      event.preventDefault();
      this.#step(event.key === "ArrowDown" ? 1 : -1);
    });
    const form = element("create", HTMLFormElement);
    const name = element("create-name", HTMLInputElement);
    const isPrivate = element("create-private", HTMLInputElement);
    onSubmit(form, () => {
      needs.create(name.value.trim(), isPrivate.checked);
      form.reset();
    });
  }

  /** Opens the room below or above.
   * @param {1 | -1} by */
  #step(by) {
    const names = ordered(this.#needs.state).map((room) => room.name);
    const at = names.findIndex((name) => name === this.#needs.shown.name) + by;
    const next = names[(at + names.length) % names.length];
    if (next !== undefined) this.#needs.open(next);
  }

  render() {
    const { state, shown } = this.#needs;
    const rooms = ordered(state);
    const entries = rooms.map((room) => ({
      name: room.name, label: label(room), kind: room.kind, numbers: room, isMuted: room.notify === "none",
      isOnline: room.kind === "direct" && room.user !== null && room.online.has(room.user.id),
      isCurrent: room.name === shown.name,
    }));
    const direct = entries.filter(({ kind }) => kind === "direct");
    fill(this.#list, entries.filter(({ kind }) => kind !== "direct"));
    fill(this.#direct, direct);
    this.#directHead.hidden = direct.length === 0;
    fill(this.#others, [...state.others].sort().map(other));
    this.#othersHead.hidden = state.others.length === 0;
    const elsewhere = rooms.filter((room) => room.name !== shown.name).reduce((sum, room) => sum + room.unread, 0);
    this.#elsewhere.hidden = elsewhere === 0;
    this.#elsewhere.textContent = shortly(elsewhere);
  }
}

/** A room that the person could join.
 * @param {string} name */
const other = (name) => ({ name, label: `#${name}`, kind: "public", numbers: { unread: 0, mentions: 0 }, isMuted: false, isOnline: false, isCurrent: false });
