// What the menu of a message offers.

import { has } from "../model/rights.js";

/** What the choices need.
 * @typedef {object} Needs
 * @property {page.State} state
 * @property {import("../model/shown.js").Shown} shown
 * @property {page.Ask} ask
 * @property {(about: page.About) => void} write begins a reply or an edit
 * @property {(item: wire.Message) => void} pick lets the person pick a reaction
 */

/** Returns the choices for a message, only those that the server would allow.
 * @param {Needs} needs @param {wire.Message} item @returns {page.Choice[]} */
export function messageChoices({ state, shown, ask, write, pick }, item) {
  const { room } = shown;
  const { me } = state;
  const isOwn = item.by.id === me?.id;
  const mayWrite = !room?.muted;
  const isModerator = has("moderator", { me, room });
  const where = { room: shown.name ?? "", seq: item.seq };
  /** @type {[boolean, ...page.Choice][]} */
  const all = [
    [mayWrite, "Reply", () => write({ reply: item })],
    [mayWrite, "React…", () => pick(item)],
    [isOwn && mayWrite, "Edit", () => write({ edit: item })],
    [isModerator || (room?.kind === "direct" && mayWrite), item.pinned ? "Unpin" : "Pin", () => ask({ type: item.pinned ? "unpin" : "pin", ...where })],
    [isOwn || isModerator, "Delete for everyone", () => ask({ type: "delete", ...where })],
  ];
  return all.filter(([may]) => may).map(([, label, act]) => [label, act]);
}
