// Applies one event of a room's log.

import { alter } from "./changes.js";
import { noteChange, noteMessage, recount } from "./counts.js";
import { insert, isLine } from "./room.js";

/** Takes an event. `isRead` says whether the person sees it arrive.
 * @param {page.State} state @param {page.Room} room @param {wire.Event} frame @param {boolean} isRead
 * @returns {page.Outcome} */
export function takeEvent(state, room, frame, isRead) {
  if (room.cursor !== null && frame.seq <= room.cursor) return null;
  // Never skips a gap: a new connection brings the missing events.
  if (room.cursor !== null && frame.seq > room.cursor + 1) return "resume";
  room.cursor = frame.seq;
  room.head = Math.max(room.head, frame.seq);
  if (frame.type === "topic") room.topic = frame.topic;
  if (frame.type === "message") {
    room.typing.delete(frame.by.id);
    // The read mark follows later, but a message that the person sees arrive is never unread.
    if (isRead && !room.keptUnread && room.unread === 0) room.seenLive = frame.seq;
    noteMessage(room, frame, state.me);
  }
  if (frame.type === "edited" || frame.type === "deleted") noteChange(room, frame, state.me);
  if ("target" in frame) alter(room, frame);
  if (room.loaded && !room.detached && isLine(frame)) insert(room, frame);
  if (["message", "edited", "deleted"].includes(frame.type)) recount(state, room);
  return frame.type === "member" && frame.user.id === state.me?.id ? aboutMe(state, room, frame) : null;
}

/** Handles a change of the person's own membership in the room.
 * @param {page.State} state @param {page.Room} room @param {wire.MemberChange} frame @returns {"gone" | "told"} */
function aboutMe(state, room, frame) {
  if (frame.change === "muted") room.muted = { until: frame.until, reason: frame.reason };
  if (frame.change === "unmuted") room.muted = null;
  if (frame.change === "role" && !frame.everywhere) room.role = frame.role ?? null;
  if (!["kicked", "banned", "left"].includes(frame.change)) return "told";
  state.rooms.delete(room.name);
  if (room.kind === "public") state.others.push(room.name);
  return "gone";
}
