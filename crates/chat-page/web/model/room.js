// One room: what the page holds of its log, and how stretches of the log are put together.

import { createTally, setTally } from "./counts.js";

/** The most lines of a room that are held. Older ones are loaded again when they are wanted. */
const ITEMS = 2000;

/** The events that are lines of their own. */
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

/** Takes the room's kind and the person's place in it.
 * @param {page.Room} room @param {wire.Mine & { kind: wire.RoomKind }} told */
export function setMine(room, { kind, role, muted, user }) {
  Object.assign(room, { kind, role: role ?? null, muted: muted ?? null, user: user ?? null });
}

/** Ends a mute whose time is over.
 * @param {page.Room} room @param {number} now */
export function expireMute(room, now) {
  if (room.muted?.until && room.muted.until <= now) room.muted = null;
}

/** @param {wire.Event} event @returns {event is page.Item} */
export const isLine = (event) => LINES.includes(event.type);

/** Adds a line at its place, unless it is there already.
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
  // A room newly joined counts as read.
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
  // Lines are held only without a gap up to the newest.
  const page = (frame.messages ?? frame.events ?? []).filter(isLine);
  const first = page[0]?.seq ?? 0;
  const last = room.items.at(-1)?.seq ?? 0;
  if (room.detached || (room.loaded && first > last + 1)) Object.assign(room, { items: [], loaded: false, detached: false });
  if (!room.loaded) room.more = first > 1;
  room.loaded = true;
  for (const item of page) insert(room, item);
}

/** Drops the lines held, which do not reach to `head` any more.
 * @param {page.Room} room @param {wire.Seq} head */
export function reset(room, head) {
  Object.assign(room, { items: [], loaded: false, more: true, cursor: head, head });
}

/** Takes a page that comes before the lines held.
 * @param {page.Room} room @param {wire.Messages} frame */
export function addOlder(room, frame) {
  const first = room.items[0]?.seq ?? Infinity;
  room.items = [...frame.messages.filter(isLine).filter((item) => item.seq < first), ...room.items];
  room.more = frame.more;
}

/** Takes a page around a message in place of the lines held.
 * @param {page.Room} room @param {wire.Messages} frame */
export function jump(room, frame) {
  Object.assign(room, { items: frame.messages.filter(isLine), loaded: true, detached: true, more: frame.more });
}

/** Takes a page that comes after a detached stretch. The last page attaches it again.
 * @param {page.Room} room @param {wire.Messages} frame */
export function addNewer(room, frame) {
  if (!room.detached) return;
  for (const item of frame.messages.filter(isLine)) insert(room, item);
  room.detached = frame.more;
}
