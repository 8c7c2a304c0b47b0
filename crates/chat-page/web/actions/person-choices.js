// What the menu of a person offers.

import { isAdmin, mayActOn, mayGive } from "../model/rights.js";
import { label } from "../model/words.js";

const ROLES = [["owner", "an owner"], ["moderator", "a moderator"], ["member", "a mere member"]];

/** A member of the room shown, or someone who is not in it.
 * @typedef {wire.Member | { user: { id: null, name: string } }} Person */

/** What the choices need.
 * @typedef {object} Needs
 * @property {page.State} state
 * @property {import("../model/shown.js").Shown} shown
 * @property {(user: string) => void} direct opens the direct room
 * @property {(frame: wire.Moderate | wire.SetRole) => void} act
 * @property {(title: string, frame: wire.Moderate) => void} confirm asks for the reason and the time first
 */

/** The choices for a person. Nothing is offered that the server would refuse.
 * @param {Needs} needs @param {Person} person @returns {page.Choice[]} */
export function personChoices(needs, person) {
  const { state, shown, direct, confirm } = needs;
  const { name } = person.user;
  if (name === state.me?.name) return [];
  /** @type {page.Choice[]} */
  const choices = [[`Write to ${name} alone`, () => direct(name)]];
  if (isMember(person) && shown.room && mayActOn({ me: state.me, room: shown.room }, person)) choices.push(...here(needs, person, shown.room));
  if (isAdmin(state.me) && !(isMember(person) && person.admin)) {
    choices.push([`Let ${name} only read, everywhere…`, () => confirm(`Let ${name} only read on the whole server`, { type: "mute", user: name })]);
    choices.push([`Ban ${name} from the server…`, () => confirm(`Ban ${name} from the server`, { type: "ban", user: name })]);
  }
  return choices;
}

/** @param {Person} person @returns {person is wire.Member} */
const isMember = (person) => person.user.id !== null;

/** What may be done in the room shown.
 * @param {Needs} needs @param {wire.Member} member @param {page.Room} room @returns {page.Choice[]} */
function here({ state, act, confirm }, member, room) {
  const user = member.user.name;
  const where = { user, room: room.name };
  const place = label(room);
  /** @type {page.Choice} */
  const mute = member.muted
    ? [`Let ${user} speak again`, () => act({ type: "unmute", ...where })]
    : [`Let ${user} only read…`, () => confirm(`Let ${user} only read in ${place}`, { type: "mute", ...where })];
  const roles = ROLES.filter(([role = ""]) => member.role !== role && mayGive({ me: state.me, room }, role));
  return [
    [`Put ${user} out of ${place}…`, () => confirm(`Put ${user} out of ${place}`, { type: "kick", ...where })],
    mute,
    [`Ban ${user} from ${place}…`, () => confirm(`Ban ${user} from ${place}`, { type: "ban", ...where })],
    ...roles.map(([role = "", words = ""]) => /** @type {page.Choice} */ ([`Make ${user} ${words} of ${place}`, () => act({ type: "role", role, ...where })])),
  ];
}
