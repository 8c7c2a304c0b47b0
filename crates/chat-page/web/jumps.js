// Ways to what one has missed: the first unread message, and the next one that names one.

import { seek } from "./messages.js";

/** How many messages are read at once, and how many times, while a mention is looked for. */
const PAGE = 200;
const PAGES = 20;

/** Goes to the first message that was unread when the room was opened. */
export function toUnread(page) {
  const room = page.state.rooms.get(page.state.current);
  if (!room || room.divider === null) return page.tell("There is nothing unread here.");
  return seek(page, room.name, room.divider + 1);
}

/** Goes to the next message that names one: after the last that was gone to, or the first unread. */
export async function toMention(page) {
  const { state } = page;
  const room = state.rooms.get(state.current);
  if (!room) return;
  const after = room.named ?? room.divider;
  const found = after === null ? null : await next(page, room, after);
  room.named = found ?? null;
  if (found === undefined || found === null) {
    room.missed.mentions = 0;
    page.tell("No further message here names you.");
    return;
  }
  await seek(page, room.name, found);
}

/** The seq of the next message that names one; null where there is none. */
async function next(page, room, after) {
  const { id, name } = page.state.me;
  const names = (item) => item.seq > after && item.type === "message" && item.by.id !== id && item.mentions?.includes(name);
  const first = room.items[0]?.seq ?? Infinity;
  if (!room.apart && (first <= after + 1 || !room.more)) return room.items.find(names)?.seq ?? null;
  room.seeking = true;
  try {
    for (let turn = 0, from = after; turn < PAGES; turn++) {
      const answer = await page.ask({ type: "history", room: room.name, after: from, limit: PAGE });
      const found = answer?.messages.find(names);
      if (found) return found.seq;
      if (!answer?.more || !answer.messages.length) return null;
      from = answer.messages.at(-1).seq;
    }
  } finally {
    room.seeking = false;
  }
  return null;
}
