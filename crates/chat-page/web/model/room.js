// One room: the part of its log that the page holds, and how parts are joined.

import { createTally, setTally } from "./counts.js";

/** The maximum number of lines held of a room. Older ones are loaded again when they are needed. */
const ITEMS = 2000;

/** The events that are shown as lines. */
const LINES = ["message", "topic", "member", "pinned", "newer"];

/** @param {string} name @returns {page.Room} */
export function createRoom(name) {
  return {
    name, kind: "public", role: null, muted: null, user: null, topic: "", notify: "all",
    head: 0, cursor: null, items: [], loaded: false, more: true, detached: false,
    read: 0, seenLive: 0, keptUnread: false, marking: 0, unread: 0, mentions: 0, tally: createTally(),
    online: new Map(), onlineCount: 0, typing: new Map(),
  };
}

/** Takes the room's kind, and the person's role and mute in it.
 * @param {page.Room} room @param {wire.Mine & { kind: wire.RoomKind }} told */
export function setMine(room, { kind, role, muted, user }) {
  Object.assign(room, { kind, role: role ?? null, muted: muted ?? null, user: user ?? null });
}

/** Ends a mute that has expired.
 * @param {page.Room} room @param {number} now */
export function expireMute(room, now) {
  if (room.muted?.until && room.muted.until <= now) room.muted = null;
}

/** @param {wire.Event} event @returns {event is page.Item} */
export const isLine = (event) => LINES.includes(event.type);

/** Inserts a line by its seq, unless it is already held.
 * @param {page.Room} room @param {page.Item} item */
export function insert(room, item) {
  const { items } = room;
  // Nearly always at the end.
  let at = items.length;
  while (at > 0 && (items[at - 1]?.seq ?? 0) > item.seq) at--;
  if (items[at - 1]?.seq === item.seq) return;
  items.splice(at, 0, item);
  if (items.length > ITEMS) {
    items.shift();
    room.more = true;
  }
}

/** Takes the reply to `join`: who is online, and the newest messages.
 * @param {page.Room} room @param {wire.Joined} frame @param {boolean} isNew whether the person was not in the room before */
export function join(room, frame, isNew) {
  const { head, topic } = frame.room;
  // A newly joined room counts as read.
  if (isNew) {
    room.read = head;
    setTally(room, { read: head, head, unread: 0, mentions: 0 });
  }
  setMine(room, frame.room);
  room.topic = topic;
  room.head = Math.max(room.head, head);
  // Events that did not fit into the reply follow it.
  room.cursor ??= frame.events?.at(-1)?.seq ?? head;
  room.online = new Map((frame.online ?? []).map((user) => [user.id, user]));
  room.onlineCount = frame.online_count;
  // The held lines must reach the newest without a gap.
  const page = (frame.messages ?? frame.events ?? []).filter(isLine);
  const first = page[0]?.seq ?? 0;
  const last = room.items.at(-1)?.seq ?? 0;
  if (room.detached || (room.loaded && first > last + 1)) Object.assign(room, { items: [], loaded: false, detached: false });
  if (!room.loaded) room.more = first > 1;
  room.loaded = true;
  for (const item of page) insert(room, item);
}

/** Drops the held lines, which no longer reach `head`.
 * @param {page.Room} room @param {wire.Seq} head */
export function reset(room, head) {
  Object.assign(room, { items: [], loaded: false, more: true, cursor: head, head });
}

/** Takes a page from before the held lines.
 * @param {page.Room} room @param {wire.Messages} frame */
export function addOlder(room, frame) {
  const first = room.items[0]?.seq ?? Infinity;
  room.items = [...frame.messages.filter(isLine).filter((item) => item.seq < first), ...room.items];
  room.more = frame.more;
}

/** Replaces the held lines by a page around a message.
 * @param {page.Room} room @param {wire.Messages} frame */
export function jump(room, frame) {
  Object.assign(room, { items: frame.messages.filter(isLine), loaded: true, detached: true, more: frame.more });
}

/** Takes a page after a detached stretch. The last page attaches it again.
 * @param {page.Room} room @param {wire.Messages} frame */
export function addNewer(room, frame) {
  if (!room.detached) return;
  for (const item of frame.messages.filter(isLine)) insert(room, item);
  room.detached = frame.more;
}
