// What else a frame causes, apart from changing the state.

import { TYPING_MS } from "../model/wire.js";
import { toldMe } from "../model/words.js";

/** What the followers need.
 * @typedef {object} Needs
 * @property {page.State} state
 * @property {import("../model/shown.js").Shown} shown
 * @property {import("../net/connection.js").Connection} connection
 * @property {import("../net/outbox.js").Outbox} outbox
 * @property {import("./navigation.js").Navigation} navigation
 * @property {import("./session.js").Session} session
 * @property {import("./lister.js").Lister} lister
 * @property {import("../views/notes.js").Notes} notes
 * @property {() => void} changed
 */

/** Takes a frame, the outcome that the state returned for it, and its room as it was before.
 * @typedef {(frame: wire.ServerFrame, outcome: page.Outcome, room: page.Room | null) => unknown} Follower */

/** Returns functions that each handle a frame, independently of the others.
 * @param {Needs} needs @returns {Follower[]} */
export function following({ state, shown, connection, outbox, navigation, session, lister, notes, changed }) {
  const isShown = (/** @type {wire.ServerFrame} */ frame) => "room" in frame && frame.room === shown.name;
  return [
    (_, outcome) => outcome === "resume" && connection.resume(),
    (frame, outcome) => outcome === "load" && shown.name !== null && isShown(frame) && navigation.join(shown.name, false),
    (frame) => frame.type === "message" && frame.by.id === state.me?.id && frame.nonce && outbox.remove(frame.nonce),
    (frame, outcome) => outcome === "gone" && isShown(frame) && navigation.showNext(),
    (frame, outcome, room) => (outcome === "told" || outcome === "gone") && frame.type === "member" && room && tellMe(notes, frame, room),
    (frame) => frame.type === "notice" && notes.tell(`${frame.text}${frame.room ? ` /join ${frame.room}` : ""}`),
    (frame) => frame.type === "error" && frame.id == null && frame.code === "banned" && session.askWho(frame.message),
    (frame) => frame.type === "goodbye" && frame.code === "revoked" && session.askWho(frame.text),
    (frame) => frame.type === "joined" && frame.id == null && notes.tell(`${frame.room.user?.name} started a conversation with you.`),
    // The name disappears unless it is renewed.
    (frame) => frame.type === "typing" && setTimeout(changed, TYPING_MS),
    (frame) => lister.follow(frame),
    () => changed(),
  ];
}

/** Tells the person about an action against them.
 * @param {import("../views/notes.js").Notes} notes @param {wire.MemberChange} frame @param {page.Room} room */
function tellMe(notes, frame, room) {
  const words = toldMe(frame, room) ?? "";
  if (["muted", "kicked", "banned"].includes(frame.change)) notes.complain(words);
  else notes.tell(words);
}
