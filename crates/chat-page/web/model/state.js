// The page's state, and how each frame changes it. No document, no network, no clock: `apply` takes a frame and returns
// what must be done about it.

import { readUpTo, recount } from "./counts.js";
import { takeEvent } from "./events.js";
import { setMembers, setPresence } from "./presence.js";
import { createRoom, join, reset } from "./room.js";
import { takeSummaries, welcome } from "./summaries.js";

/** @returns {page.State} */
export function createState() {
  return { me: null, server: null, limits: null, log: null, rooms: new Map(), others: [], isUncounted: false };
}

/** Forgets everything, because the person logs out.
 * @param {page.State} state */
export function clear(state) {
  state.rooms.clear();
  Object.assign(state, { me: null, log: null, others: [] });
}

/** Returns the last seq received of each room, for `hello`.
 * @param {page.State} state @returns {Record<string, wire.Seq>} */
export function cursors(state) {
  /** @type {Record<string, wire.Seq>} */
  const known = {};
  for (const { name, cursor } of state.rooms.values()) if (cursor !== null) known[name] = cursor;
  return known;
}

/** Returns the rooms in the order of the list: first those with a name, then direct ones by the other user's name.
 * @param {page.State} state */
export function ordered(state) {
  const key = (/** @type {page.Room} */ room) => (room.kind === "direct" ? `1${room.user?.name}` : `0${room.name}`);
  return [...state.rooms.values()].sort((a, b) => (key(a) < key(b) ? -1 : 1));
}

/** Takes a frame. Returns "resume" if events before it are missing, "load" if its room must be read again, "gone" if the
 * person is no longer in its room, "told" if it is otherwise about the person, and "switched" if the person is now
 * another user.
 *
 * `shown` is the name of the room on the screen, and `reading` whether the person is looking at its newest message.
 * @param {page.State} state
 * @param {wire.ServerFrame} frame
 * @param {{ now: number, shown: string | null, reading: boolean }} at
 * @returns {page.Outcome} */
export function apply(state, frame, { now, shown, reading }) {
  switch (frame.type) {
    case "welcome":
      return welcome(state, frame, shown) ? "switched" : null;
    case "joined":
      takeJoined(state, frame);
      return null;
    case "rooms":
      takeSummaries(state, frame);
      return null;
    case "room":
      if (!state.rooms.has(frame.room) && !state.others.includes(frame.room)) state.others.push(frame.room);
      return null;
    case "you":
      state.me = frame.user;
      return null;
    default:
      return inRoom(state, frame, { now, isRead: reading && "room" in frame && frame.room === shown });
  }
}

/** @param {page.State} state @param {wire.ServerFrame} frame @param {{ now: number, isRead: boolean }} at @returns {page.Outcome} */
function inRoom(state, frame, { now, isRead }) {
  const room = "room" in frame && typeof frame.room === "string" ? state.rooms.get(frame.room) : undefined;
  if (!room) return null;
  switch (frame.type) {
    case "message":
    case "topic":
    case "member":
    case "edited":
    case "deleted":
    case "reacted":
    case "unreacted":
    case "pinned":
    case "unpinned":
    case "newer":
      return takeEvent(state, room, frame, isRead);
    case "typing":
      if (frame.user.id !== state.me?.id) room.typing.set(frame.user.id, { ...frame.user, since: now });
      return null;
    case "presence":
      setPresence(room, frame);
      return null;
    case "members":
      setMembers(room, frame);
      return null;
    case "read":
      takeMark(state, room, frame.seq);
      return null;
    case "reset":
      reset(room, frame.head);
      return "load";
    default:
      return null;
  }
}

/** Takes a read mark that another device set. A lower one marks messages as unread.
 * @param {page.State} state @param {page.Room} room @param {wire.Seq} seq */
function takeMark(state, room, seq) {
  Object.assign(room, { keptUnread: seq < readUpTo(room), read: seq, seenLive: 0 });
  recount(state, room);
}

/** @param {page.State} state @param {wire.Joined} frame */
function takeJoined(state, frame) {
  const { name } = frame.room;
  const known = state.rooms.get(name);
  const room = known ?? createRoom(name);
  state.rooms.set(name, room);
  state.others = state.others.filter((other) => other !== name);
  join(room, frame, !known);
  recount(state, room);
}
