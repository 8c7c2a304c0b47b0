// What became of a message: changed, taken away, reacted to, pinned.

/** Changes the message that an event is about. A new version makes the timeline draw it anew. */
export function alter(room, frame) {
  const item = room.items.find((one) => one.seq === frame.target && one.type === "message");
  // Answers quote it, and nothing that was taken back stays in a quotation.
  const said = ["edited", "deleted"].includes(frame.type);
  for (const one of room.items) if (one === item || (said && one.reply_to === frame.target)) one.version = (one.version ?? 0) + 1;
  if (!item) return;
  switch (frame.type) {
    case "edited":
      // A replay tells of an edit of what was deleted since.
      if (!item.deleted) Object.assign(item, { text: frame.text, html: frame.html, mentions: frame.mentions, edited_at: frame.at });
      break;
    case "deleted":
      Object.assign(item, { text: "", html: undefined, files: undefined, deleted: true, reactions: [], pinned: false, edited_at: undefined });
      break;
    case "reacted":
    case "unreacted":
      item.reactions = reacted(item.reactions ?? [], frame);
      break;
    default:
      item.pinned = frame.type === "pinned";
  }
}

/** The reactions after someone put an emoji there or took it back. */
function reacted(reactions, { type, emoji, by }) {
  const others = reactions.map((one) => (one.emoji === emoji ? { ...one, users: one.users.filter((name) => name !== by.name) } : one));
  const before = reactions.find((one) => one.emoji === emoji);
  const had = before?.users.includes(by.name) ?? false;
  if (type === "unreacted") {
    return others.map((one) => (one.emoji === emoji && had ? { ...one, count: one.count - 1 } : one)).filter((one) => one.count > 0);
  }
  if (!before) return [...reactions, { emoji, count: 1, users: [by.name] }];
  return others.map((one) => (one.emoji === emoji ? { ...one, count: one.count + (had ? 0 : 1), users: [...one.users, by.name] } : one));
}
