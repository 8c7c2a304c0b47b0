// What the page knows, and how each frame changes it. No DOM and no network: `apply` takes a frame and answers what
// the connection should do about it.

import { alter } from "./changes.js";
import { count, markOf, note, noteChange, tell } from "./counts.js";
import { members, presence } from "./presence.js";
import { createRoom, insert, join, mine, older } from "./room.js";

export function createState() {
  // `isUncounted`: the numbers of a room are known to the server alone, and must be asked for.
  return { me: null, server: null, limits: null, log: null, rooms: new Map(), others: [], current: null, isUncounted: false };
}

/** The last seq seen of each room, for `hello`. */
export function cursors(state) {
  const known = [...state.rooms.values()].filter((room) => room.cursor !== null);
  return Object.fromEntries(known.map((room) => [room.name, room.cursor]));
}

/** Takes a frame; answers "resume" where events are missing before it, "load" where a room must be read anew. */
export function apply(state, frame, { now, reading }) {
  const room = state.rooms.get(frame.room);
  switch (frame.type) {
    case "welcome":
      return welcome(state, frame);
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
      return room ? event(state, room, frame, reading) : null;
    case "joined":
      return joined(state, frame);
    case "messages":
      // A page around a message is for `jump`, one after a stretch for `newer`.
      if (room && !room.seeking) older(room, frame);
      if (room) recount(state, room);
      return null;
    case "rooms":
      return summaries(state, frame);
    case "room":
      if (!room && !state.others.includes(frame.room)) state.others.push(frame.room);
      return null;
    case "you":
      state.me = frame.user;
      return null;
    case "typing":
      if (frame.user.id !== state.me?.id) room?.typing.set(frame.user.id, { ...frame.user, since: now });
      return null;
    case "presence":
      if (room) presence(room, frame);
      return null;
    case "members":
      if (room) members(room, frame);
      return null;
    case "read":
      if (room) mark(state, room, frame.seq);
      return null;
    case "reset":
      if (!room) return null;
      Object.assign(room, { items: [], loaded: false, more: true, loading: false, cursor: frame.head, head: frame.head });
      return "load";
    default:
      return null;
  }
}

/** Counts a room anew; if only the server knows the numbers, they stay as they are until they were asked for. */
export function recount(state, room) {
  const numbers = count(room, state.me);
  if (!numbers) state.isUncounted = true;
  else Object.assign(room, numbers);
}

/** Takes a read mark of another device; a lower one marks as unread. */
function mark(state, room, seq) {
  const before = markOf(room);
  Object.assign(room, { read: seq, looked: 0, kept: seq < before });
  recount(state, room);
  const { missed, unread, mentions } = room;
  if (room.name !== state.current) return;
  if (room.kept) Object.assign(room, { divider: seq, missed: { unread, mentions } });
  else room.missed = { unread: Math.min(missed.unread, unread), mentions: Math.min(missed.mentions, mentions) };
}

function welcome(state, frame) {
  const joined = new Set(frame.rooms.map((room) => room.name));
  // In another log, each room one is in gets the events missed, or a reset. Until that was heard, which the first answer
  // says, the cursors count as the former log's. Of the other rooms nothing is known.
  if (state.log !== null && state.log !== frame.server.log) {
    for (const room of state.rooms.values()) if (!joined.has(room.name)) Object.assign(room, { cursor: null, items: [], loaded: false, more: true });
  }
  state.log ??= frame.server.log;
  // Another tab may have become someone else.
  if (state.me && state.me.id !== frame.user.id) {
    state.rooms.clear();
    state.current = null;
  }
  Object.assign(state, { me: frame.user, server: frame.server, limits: frame.limits });
  for (const name of state.rooms.keys()) if (!joined.has(name) && name !== state.current) state.rooms.delete(name);
  for (const summary of frame.rooms) {
    const room = state.rooms.get(summary.name) ?? createRoom(summary.name);
    const { topic, notify, head, read } = summary;
    // The head may be lower than it was: the server was restored from a copy.
    Object.assign(room, { topic, notify, head, read, looked: 0, loading: false }, mine(summary));
    room.cursor ??= head;
    room.typing.clear();
    // Whatever came after that head before the break comes again.
    room.tally.later.clear();
    room.tally.changes = [];
    tell(room, summary);
    recount(state, room);
    state.rooms.set(room.name, room);
  }
  return null;
}

/** Takes a page of all rooms one may see. */
function summaries(state, frame) {
  state.log = state.server.log;
  for (const summary of frame.rooms) {
    const room = summary.joined ? state.rooms.get(summary.name) : null;
    // An answer that was overtaken by a newer one says nothing.
    if (!room || summary.head < room.tally.head) continue;
    // A mark of one's own that is on its way counts more than the one in the answer.
    if (!room.marking) room.read = summary.read;
    tell(room, summary);
    recount(state, room);
  }
  return null;
}

function event(state, room, frame, reading) {
  if (room.cursor !== null && frame.seq <= room.cursor) return null;
  // Never over a hole: what lies between comes with a new connection.
  if (room.cursor !== null && frame.seq > room.cursor + 1) return "resume";
  room.cursor = frame.seq;
  room.head = Math.max(room.head, frame.seq);
  if (frame.type === "topic") room.topic = frame.topic;
  const isCurrent = state.current === room.name;
  if (frame.type === "message") {
    room.typing.delete(frame.by.id);
    // What is read as it comes is not new, though the mark follows later; what is new begins after what was read.
    if (reading && isCurrent && !room.kept && room.unread === 0) room.looked = frame.seq;
    note(room, frame, state.me);
  }
  if (["edited", "deleted"].includes(frame.type)) noteChange(room, frame, state.me);
  if ("target" in frame) alter(room, frame);
  // What was jumped to does not reach to the newest.
  const isLine = ["message", "topic", "member", "pinned", "newer"].includes(frame.type);
  if (room.loaded && !room.apart && isLine) insert(room, frame);
  const { unread, mentions, divider } = room;
  if (["message", "edited", "deleted"].includes(frame.type)) recount(state, room);
  if (isCurrent) {
    if (unread === 0 && room.unread > 0 && divider === null) room.divider = frame.seq - 1;
    const { missed } = room;
    room.missed = { unread: Math.max(0, missed.unread + room.unread - unread), mentions: Math.max(0, missed.mentions + room.mentions - mentions) };
  }
  return frame.type === "member" && frame.user.id === state.me?.id ? changed(state, room, frame) : null;
}

/** Something was done to the person: answers "gone" where they hear the room no more, else "told". */
function changed(state, room, frame) {
  if (frame.change === "muted") room.muted = { until: frame.until, reason: frame.reason };
  if (frame.change === "unmuted") room.muted = null;
  if (frame.change === "role" && !frame.everywhere) room.role = frame.role;
  if (!["kicked", "banned", "left"].includes(frame.change)) return "told";
  state.rooms.delete(room.name);
  if (room.kind === "public") state.others.push(room.name);
  return "gone";
}

function joined(state, frame) {
  const { name } = frame.room;
  const isNew = !state.rooms.has(name);
  const room = state.rooms.get(name) ?? createRoom(name);
  state.rooms.set(name, room);
  state.others = state.others.filter((other) => other !== name);
  join(room, frame, isNew);
  recount(state, room);
  return null;
}
