// One room: what the page holds of it, and how stretches of its log are put together. No DOM and no network.

import { createTally, tell } from "./counts.js";

/** Most messages of a room held; older ones are loaded again when they are looked at. */
const ITEMS = 2000;

export function createRoom(name) {
  return {
    name, kind: "public", role: null, muted: null, user: null, topic: "", notify: "all", draft: "",
    // The log: its end, how far it was heard, and what of it is held.
    head: 0, cursor: null, items: [], loaded: false, more: true, loading: false, apart: false,
    // What the person has read and missed. `looked` is what they saw as it came; `kept` that it was marked as unread.
    read: 0, looked: 0, kept: false, unread: 0, mentions: 0, tally: createTally(), divider: null, missed: { unread: 0, mentions: 0 }, named: null, seen: new Set(),
    online: new Map(), onlineCount: 0, typing: new Map(),
  };
}

/** The room's kind, and how one stands in it. */
export const mine = ({ kind, role, muted, user }) => ({ kind, role: role ?? null, muted: muted ?? null, user: user ?? null });

/** Adds an event in its place; one that is there already stays. */
export function insert(room, frame) {
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

/** Takes the answer to `join`: who is there, and the newest messages. */
export function join(room, frame, isNew) {
  // A room newly joined counts as read.
  if (isNew) {
    room.read = frame.room.head;
    tell(room, { read: frame.room.head, head: frame.room.head, unread: 0, mentions: 0 });
  }
  Object.assign(room, mine(frame.room), { topic: frame.room.topic, onlineCount: frame.online_count });
  room.head = Math.max(room.head, frame.room.head);
  // Events that did not fit into the answer follow it.
  room.cursor ??= frame.events?.at(-1)?.seq ?? frame.room.head;
  room.online = new Map((frame.online ?? []).map((user) => [user.id, user]));
  // Back from a stretch that was jumped to: what is held does not reach to here.
  if (room.apart) Object.assign(room, { items: [], loaded: false, apart: false, sought: null });
  const page = frame.messages ?? frame.events ?? [];
  const last = room.items.at(-1)?.seq ?? 0;
  if (room.loaded && page.length > 0 && page[0].seq > last + 1) Object.assign(room, { items: [], loaded: false });
  if (!room.loaded) room.more = page.length > 0 && page[0].seq > 1;
  room.loaded = true;
  for (const message of page) insert(room, message);
}

/** Takes a page that comes before what is held. */
export function older(room, frame) {
  const first = room.items[0]?.seq ?? Infinity;
  room.items = [...frame.messages.filter((message) => message.seq < first), ...room.items];
  Object.assign(room, { more: frame.more, loading: false });
}

/** Shows a stretch of the log around a message, apart from the newest. */
export function jump(room, frame, seq) {
  Object.assign(room, { items: [...frame.messages], loaded: true, apart: true, more: frame.more, loading: false, sought: seq });
}

/** Takes what comes after the stretch shown apart; with the last of it, the room is whole again. */
export function newer(room, frame) {
  if (!room.apart) return;
  for (const message of frame.messages) insert(room, message);
  room.apart = frame.more;
}
