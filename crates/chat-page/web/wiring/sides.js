// Connects the sides: the rooms and the account, and the people.

import { Account } from "../views/account.js";
import { People } from "../views/people.js";
import { Rooms } from "../views/rooms.js";
import { renderTitle } from "../views/title.js";

/** What the sides need.
 * @typedef {object} Needs
 * @property {page.State} state
 * @property {import("../model/shown.js").Shown} shown
 * @property {import("../actions/moderation.js").Moderation} moderation
 * @property {import("../actions/navigation.js").Navigation} navigation
 * @property {(from: HTMLElement, name: string) => void} openPerson opens the menu of a person
 * @property {(dialog: string) => void} open opens a dialog
 */

/** @param {Needs} needs */
export function wireSides({ state, shown, moderation, navigation, openPerson, open }) {
  const rooms = new Rooms({
    state, shown,
    open: (room) => navigation.show(room),
    join: (room) => navigation.join(room),
    create: (room, isPrivate) => navigation.create(room, isPrivate, ""),
  });
  const account = new Account(open);
  const people = new People(openPerson, (user) => shown.name !== null && moderation.act({ type: "invite", user, room: shown.name }));
  return {
    draw: [
      () => rooms.render(),
      () => account.render(state.me, shown.room),
      () => people.render(state.me, shown.room),
      () => renderTitle(state, shown.room),
    ],
  };
}
