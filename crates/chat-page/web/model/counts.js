// How many messages of a room are unread, and how many of them mention the person: messages by others after the read
// mark that are not deleted, as the server counts them. The rule: if the page holds every message after the mark, it
// counts them itself; otherwise it takes the server's numbers, and asks for new ones when they may be outdated.

import { UNREAD } from "./wire.js";

/** @returns {page.Tally} */
export const createTally = () => ({ read: 0, head: 0, unread: 0, mentions: 0, later: new Map(), changes: [], isStale: false });

/** Takes the server's numbers. What is known about messages after their head is kept.
 * @param {page.Room} room
 * @param {{ read: wire.Seq, head: wire.Seq } & page.Numbers} numbers */
export function setTally(room, { read, head, unread, mentions }) {
  const changes = room.tally.changes.filter((change) => change.seq > head);
  const later = new Map([...room.tally.later].filter(([seq]) => seq > head));
  // The numbers count a message as it was before a change that has already arrived.
  const isStale = changes.some(({ target }) => target > read && target <= head);
  room.tally = { read, head, unread, mentions, later, changes, isStale };
}

/** Notes a message that arrived. The server's numbers already include replayed ones.
 * @param {page.Room} room @param {wire.Message} frame @param {wire.Me | null} me */
export function noteMessage(room, frame, me) {
  if (frame.seq > room.tally.head && isCounted(frame, me)) room.tally.later.set(frame.seq, isNamed(frame, me));
}

/** Notes that a message was deleted or edited. An edit may change whom it mentions.
 * @param {page.Room} room @param {wire.Edited | wire.Deleted} frame @param {wire.Me | null} me */
export function noteChange(room, frame, me) {
  const { tally } = room;
  const { target } = frame;
  tally.changes.push({ seq: frame.seq, target });
  if (target > tally.head) {
    if (frame.type === "deleted") tally.later.delete(target);
    else if (tally.later.has(target)) tally.later.set(target, isNamed(frame, me));
  } else if (target > tally.read && frame.seq > tally.head && tally.unread > 0) {
    tally.isStale = true;
  }
}

/** Updates the room's numbers. If only the server knows them, they stay as they are until it has been asked.
 * @param {page.State} state @param {page.Room} room */
export function recount(state, room) {
  const numbers = count(room, state.me);
  if (numbers) Object.assign(room, numbers);
  else state.isUncounted = true;
}

/** Returns the room's numbers for its mark, or null if only the server knows them.
 * @param {page.Room} room @param {wire.Me | null} me @returns {page.Numbers | null} */
export function count(room, me) {
  const { tally } = room;
  const mark = readUpTo(room);
  if (heldAfter(room) <= mark) {
    const unread = room.items.filter(isMessage).filter((item) => item.seq > mark && isCounted(item, me));
    return sum(unread.map((item) => isNamed(item, me)));
  }
  const { unread, mentions } = sum([...tally.later].filter(([seq]) => seq > mark).map(([, named]) => named));
  if (mark >= tally.head) return { unread, mentions };
  if (mark !== tally.read || tally.isStale) return null;
  return { unread: Math.min(UNREAD, tally.unread + unread), mentions: Math.min(UNREAD, tally.mentions + mentions) };
}

/** Returns the seq up to which the person has read: the mark, or the messages after it that they saw arrive.
 * @param {page.Room} room */
export const readUpTo = (room) => Math.max(room.read, room.seenLive);

/** @param {wire.Event} item @returns {item is wire.Message} */
export const isMessage = (item) => item.type === "message";

/** Returns the seq after which every message up to the head is held.
 * @param {page.Room} room */
function heldAfter({ loaded, detached, cursor, head, more, items }) {
  if (!loaded || detached || cursor === null || cursor < head) return Infinity;
  return more ? (items[0]?.seq ?? Infinity) - 1 : 0;
}

/** @param {wire.Message} item @param {wire.Me | null} me */
const isCounted = (item, me) => !item.deleted && item.by.id !== me?.id;

/** @param {{ mentions?: string[] }} item @param {wire.Me | null} me */
const isNamed = (item, me) => me !== null && Boolean(item.mentions?.includes(me.name));

/** @param {boolean[]} named */
const sum = (named) => ({ unread: Math.min(UNREAD, named.length), mentions: Math.min(UNREAD, named.filter(Boolean).length) });
