// How many messages of a room are unread, and how many of them name the reader: messages by others after the read mark
// that are not deleted, as the server counts them. One rule: if the page holds every message after the mark, it counts
// them itself; otherwise it takes the server's numbers, and asks for new ones when they may no longer hold.

import { UNREAD } from "./wire.js";

/** What the server counted: the numbers for a read mark as of a head. What came after that head is noted beside them. */
export const createTally = () => ({ read: 0, head: 0, unread: 0, mentions: 0, later: new Map(), changes: [], isStale: false });

/** Takes the server's numbers. What was heard of messages after their head is kept. */
export function tell(room, { read, head, unread, mentions }) {
  const changes = room.tally.changes.filter((change) => change.seq > head);
  const later = new Map([...room.tally.later].filter(([seq]) => seq > head));
  // A change that was heard already, of a message that is in these numbers as it was before.
  const isStale = changes.some(({ target }) => target > read && target <= head);
  room.tally = { read, head, unread, mentions, later, changes, isStale };
}

/** Notes a message as it comes; what is told again after a break is in the server's numbers. */
export function note(room, frame, me) {
  if (frame.seq > room.tally.head && isCounted(frame, me)) room.tally.later.set(frame.seq, names(frame, me));
}

/** Notes that a message was edited, and perhaps names someone else now, or was deleted. */
export function noteChange(room, frame, me) {
  const { tally } = room;
  const { target } = frame;
  tally.changes.push({ seq: frame.seq, target });
  if (target > tally.head) {
    if (frame.type === "deleted") tally.later.delete(target);
    else if (tally.later.has(target)) tally.later.set(target, names(frame, me));
  } else if (target > tally.read && frame.seq > tally.head && tally.unread > 0) {
    tally.isStale = true;
  }
}

/** The room's numbers for its mark; null if only the server knows them. */
export function count(room, me) {
  const { tally } = room;
  const mark = markOf(room);
  if (heldAfter(room) <= mark) return sum(room.items.filter((item) => item.seq > mark && isCounted(item, me)).map((item) => names(item, me)));
  const { unread, mentions } = sum([...tally.later].filter(([seq]) => seq > mark).map(([, isNamed]) => isNamed));
  if (mark >= tally.head) return { unread, mentions };
  if (mark !== tally.read || tally.isStale) return null;
  return { unread: Math.min(UNREAD, tally.unread + unread), mentions: Math.min(UNREAD, tally.mentions + mentions) };
}

/** Up to where the person has read: the mark, or further what they saw as it came and the server is still to be told of. */
export const markOf = (room) => Math.max(room.read, room.looked);

/** After which seq every message up to the head is held. */
function heldAfter({ loaded, apart, cursor, head, more, items }) {
  if (!loaded || apart || cursor === null || cursor < head) return Infinity;
  return more ? (items[0]?.seq ?? Infinity) - 1 : 0;
}

const isCounted = (item, me) => item.type === "message" && !item.deleted && item.by.id !== me?.id;
const names = (item, me) => Boolean(item.mentions?.includes(me?.name));
const sum = (named) => ({ unread: Math.min(UNREAD, named.length), mentions: Math.min(UNREAD, named.filter(Boolean).length) });
