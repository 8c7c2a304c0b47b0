// What the page knows, and how each frame changes it. No DOM and no network: `apply` takes a frame and answers what
// the connection should do about it.

import { alter } from "./changes.js";

/** Most messages of a room held; older ones are loaded again when they are looked at. */
const ITEMS = 2000;
const UNREAD_MAX = 999;

export function createState() {
  return { me: null, server: null, limits: null, log: null, rooms: new Map(), others: [], current: null };
}

function createRoom(name) {
  return {
    name, kind: "public", role: null, muted: null, user: null, topic: "", head: 0, read: 0, since: 0, unread: 0, mentions: 0, notify: "all", apart: false, cursor: null, items: [], loaded: false, more: true, loading: false,
    online: new Map(), onlineCount: 0, typing: new Map(), divider: null, missed: { unread: 0, mentions: 0 }, named: null, seen: new Set(), draft: "",
  };
}

/** The last seq seen of each room, for `hello`. */
export function cursors(state) {
  const known = [...state.rooms.values()].filter((room) => room.cursor !== null);
  return Object.fromEntries(known.map((room) => [room.name, room.cursor]));
}

/** Takes a frame; answers "resume" where events are missing before it, "load" where a room must be read anew. */
export function apply(state, frame, { now, reading }) {
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
      return event(state, frame, reading);
    case "joined":
      return joined(state, frame);
    case "messages":
      return older(state, frame);
    case "rooms":
      state.log = state.server.log;
      state.others = frame.rooms.filter((room) => !room.joined).map((room) => room.name);
      return null;
    case "room":
      if (!state.rooms.has(frame.room) && !state.others.includes(frame.room)) state.others.push(frame.room);
      return null;
    case "you":
      state.me = frame.user;
      return null;
    case "typing":
      if (frame.user.id !== state.me?.id) state.rooms.get(frame.room)?.typing.set(frame.user.id, { ...frame.user, since: now });
      return null;
    case "presence":
      return presence(state, frame);
    case "members":
      return members(state, frame);
    case "read": {
      const room = state.rooms.get(frame.room);
      if (room) Object.assign(room, { read: frame.seq }, frame.seq >= room.head ? { unread: 0, mentions: 0 } : {});
      return null;
    }
    case "reset": {
      const room = state.rooms.get(frame.room);
      if (!room) return null;
      Object.assign(room, { items: [], loaded: false, more: true, loading: false, cursor: frame.head, head: frame.head });
      return "load";
    }
    default:
      return null;
  }
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
    Object.assign(room, { topic: summary.topic, read: summary.read, since: 0, unread: summary.unread, mentions: summary.mentions, notify: summary.notify, loading: false }, mine(summary));
    // It may be lower than it was: the server was restored from a copy.
    room.head = summary.head;
    room.cursor ??= summary.head;
    room.typing.clear();
    state.rooms.set(room.name, room);
  }
  return null;
}

/** The room's kind, and how one stands in it. */
const mine = ({ kind, role, muted, user }) => ({ kind, role: role ?? null, muted: muted ?? null, user: user ?? null });

function event(state, frame, reading) {
  const room = state.rooms.get(frame.room);
  if (!room) return null;
  if (room.cursor !== null && frame.seq <= room.cursor) return null;
  // Never over a hole: what lies between comes with a new connection.
  if (room.cursor !== null && frame.seq > room.cursor + 1) return "resume";
  room.cursor = frame.seq;
  room.head = Math.max(room.head, frame.seq);
  if (frame.type === "topic") room.topic = frame.topic;
  if (frame.type === "message") {
    room.typing.delete(frame.by.id);
    const mine = frame.by.id === state.me?.id;
    if (!mine && frame.seq > room.read && !(reading && state.current === room.name)) {
      if (room.unread === 0 && room.divider === null && state.current === room.name) room.divider = frame.seq - 1;
      // The mark lags behind what was seen as it came: what is unread begins here.
      if (room.unread === 0) room.since = frame.seq - 1;
      room.unread = Math.min(room.unread + 1, UNREAD_MAX + 1);
      const named = frame.mentions?.includes(state.me?.name) ? 1 : 0;
      room.mentions += named;
      if (state.current === room.name) room.missed = { unread: room.missed.unread + 1, mentions: room.missed.mentions + named };
    }
  }
  if ("target" in frame) alter(room, frame);
  // What was jumped to does not reach to the newest.
  const isLine = ["message", "topic", "member", "pinned", "newer"].includes(frame.type);
  if (room.loaded && !room.apart && isLine) insert(room, frame);
  return frame.type === "member" && frame.user.id === state.me?.id ? changed(state, room, frame) : null;
}

/** Shows a stretch of the log around a message, apart from the newest. */
export function jump(state, frame, seq) {
  const room = state.rooms.get(frame.room);
  if (!room) return;
  Object.assign(room, { items: [...frame.messages], loaded: true, apart: true, more: frame.more, loading: false, sought: seq });
}

/** Takes what comes after the stretch shown apart; with the last of it, the room is whole again. */
export function newer(state, frame) {
  const room = state.rooms.get(frame.room);
  if (!room?.apart) return;
  for (const message of frame.messages) insert(room, message);
  room.apart = frame.more;
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

/** Adds an event in its place; one that is there already stays. */
function insert(room, frame) {
  const { items } = room;
  let at = items.length;
  while (at > 0 && items[at - 1].seq > frame.seq) at--;
  if (at > 0 && items[at - 1].seq === frame.seq) return;
  items.splice(at, 0, frame);
  if (items.length > ITEMS) {
    items.shift();
    room.more = true;
  }
}

function joined(state, frame) {
  const room = state.rooms.get(frame.room.name) ?? createRoom(frame.room.name);
  if (!state.rooms.has(room.name)) room.read = frame.room.head;
  Object.assign(room, mine(frame.room));
  state.rooms.set(room.name, room);
  state.others = state.others.filter((name) => name !== room.name);
  room.topic = frame.room.topic;
  room.head = Math.max(room.head, frame.room.head);
  room.cursor ??= frame.room.head;
  room.online = new Map((frame.online ?? []).map((user) => [user.id, user]));
  room.onlineCount = frame.online_count;
  // Back from a stretch that was jumped to: what is held does not reach to here.
  if (room.apart) Object.assign(room, { items: [], loaded: false, apart: false, sought: null });
  const page = frame.messages ?? frame.events ?? [];
  const last = room.items.at(-1)?.seq ?? 0;
  if (room.loaded && page.length > 0 && page[0].seq > last + 1) Object.assign(room, { items: [], loaded: false });
  if (!room.loaded) room.more = page.length > 0 && page[0].seq > 1;
  room.loaded = true;
  for (const message of page) insert(room, message);
  return null;
}

function older(state, frame) {
  const room = state.rooms.get(frame.room);
  // A page around a message is for `jump`, one after a stretch for `newer`.
  if (!room || room.seeking) return null;
  const first = room.items[0]?.seq ?? Infinity;
  room.items = [...frame.messages.filter((message) => message.seq < first), ...room.items];
  Object.assign(room, { more: frame.more, loading: false });
  return null;
}

function presence(state, frame) {
  const room = state.rooms.get(frame.room);
  if (!room) return null;
  for (const user of frame.offline) room.online.delete(user.id);
  for (const user of frame.online) room.online.set(user.id, user);
  room.onlineCount = frame.online_count;
  if (room.online.size > frame.online_count) room.online.clear();
  return null;
}

/** Who of a direct room is online: it was asked because nothing tells before someone comes or goes. */
function members(state, frame) {
  const room = state.rooms.get(frame.room);
  if (room?.kind !== "direct") return null;
  for (const { user, online } of frame.members) {
    if (online) room.online.set(user.id, user);
    else room.online.delete(user.id);
  }
  room.onlineCount = room.online.size;
  return null;
}
