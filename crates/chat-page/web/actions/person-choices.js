// What the menu of a person offers.

import { isAdmin, mayActOn, mayGive } from "../model/rights.js";
import { label } from "../model/words.js";

const ROLES = ["owner", "moderator", "member"];

/** A member of the current room, or someone who is not in it.
 * @typedef {wire.Member | { user: { id: null, name: string } }} Person */

/** What the choices need.
 * @typedef {object} Needs
 * @property {page.State} state
 * @property {import("../model/shown.js").Shown} shown
 * @property {(user: string) => void} direct opens the direct room
 * @property {(frame: wire.Moderate | wire.SetRole) => void} act
 * @property {(act: string, place: string, frame: wire.Moderate) => void} confirm asks for the reason and the time first
 */

/** Returns the choices for a person, only those that the server would allow.
 * @param {Needs} needs @param {Person} person @returns {page.Choice[]} */
export function personChoices(needs, person) {
  const { state, shown, direct, confirm } = needs;
  const { name } = person.user;
  if (name === state.me?.name) return [];
  /** @type {page.Choice[]} */
  const choices = [[`Message ${name}`, () => direct(name)]];
  if (isMember(person) && shown.room && mayActOn({ me: state.me, room: shown.room }, person)) choices.push(...here(needs, person, shown.room));
  if (isAdmin(state.me) && !(isMember(person) && person.admin)) {
    choices.push(["Mute on this server…", () => confirm(`Mute ${name}`, "on this server", { type: "mute", user: name })]);
    choices.push(["Ban from this server…", () => confirm(`Ban ${name}`, "from this server", { type: "ban", user: name })]);
  }
  return choices;
}

/** @param {Person} person @returns {person is wire.Member} */
const isMember = (person) => person.user.id !== null;

/** Returns the choices for the current room.
 * @param {Needs} needs @param {wire.Member} member @param {page.Room} room @returns {page.Choice[]} */
function here({ state, act, confirm }, member, room) {
  const user = member.user.name;
  const where = { user, room: room.name };
  const place = label(room);
  /** @type {page.Choice} */
  const mute = member.muted
    ? [`Unmute in ${place}`, () => act({ type: "unmute", ...where })]
    : [`Mute in ${place}…`, () => confirm(`Mute ${user}`, `in ${place}`, { type: "mute", ...where })];
  const roles = ROLES.filter((role) => member.role !== role && mayGive({ me: state.me, room }, role));
  return [
    [`Remove from ${place}…`, () => confirm(`Remove ${user}`, `from ${place}`, { type: "kick", ...where })],
    mute,
    [`Ban from ${place}…`, () => confirm(`Ban ${user}`, `from ${place}`, { type: "ban", ...where })],
    ...roles.map((role) => /** @type {page.Choice} */ ([`Make ${role}`, () => act({ type: "role", role, ...where })])),
  ];
}
