// Changes to existing messages: edits, deletion, reactions, pins.

/** Changes the message that an event is about. The lines that show it get a new version, so that they are redrawn.
 * @param {page.Room} room @param {wire.OnMessage} frame */
export function alter(room, frame) {
  // A reply quotes its message, and must not quote text that was changed or deleted.
  const isQuoted = frame.type === "edited" || frame.type === "deleted";
  for (const item of room.items) {
    if (item.type !== "message") continue;
    if (item.seq === frame.target || (isQuoted && item.reply_to === frame.target)) item.version = (item.version ?? 0) + 1;
    if (item.seq === frame.target) change(item, frame);
  }
}

/** @param {wire.Message} item @param {wire.OnMessage} frame */
function change(item, frame) {
  switch (frame.type) {
    case "edited":
      // A replay contains edits of messages that were deleted since.
      if (!item.deleted) Object.assign(item, { text: frame.text, html: frame.html, mentions: frame.mentions, edited_at: frame.at });
      return;
    case "deleted":
      Object.assign(item, { text: "", html: undefined, files: undefined, deleted: true, reactions: [], pinned: false, edited_at: undefined });
      return;
    case "reacted":
      item.reactions = added(item.reactions ?? [], frame.emoji, frame.by.name);
      return;
    case "unreacted":
      item.reactions = removed(item.reactions ?? [], frame.emoji, frame.by.name);
      return;
    default:
      item.pinned = frame.type === "pinned";
  }
}

/** @param {wire.Reaction[]} reactions @param {string} emoji @param {string} name */
function added(reactions, emoji, name) {
  if (!reactions.some((one) => one.emoji === emoji)) return [...reactions, { emoji, count: 1, users: [name] }];
  return reactions.map((one) => {
    if (one.emoji !== emoji || one.users.includes(name)) return one;
    return { ...one, count: one.count + 1, users: [...one.users, name] };
  });
}

/** @param {wire.Reaction[]} reactions @param {string} emoji @param {string} name */
function removed(reactions, emoji, name) {
  const left = reactions.map((one) => {
    if (one.emoji !== emoji || !one.users.includes(name)) return one;
    return { ...one, count: one.count - 1, users: one.users.filter((user) => user !== name) };
  });
  return left.filter((one) => one.count > 0);
}
