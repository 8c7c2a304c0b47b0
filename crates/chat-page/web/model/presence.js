// Who is online.

/** @param {page.Room} room @param {wire.Presence} frame */
export function setPresence(room, frame) {
  for (const user of frame.offline) room.online.delete(user.id);
  for (const user of frame.online) room.online.set(user.id, user);
  room.onlineCount = frame.online_count;
  // If very many users are online, the server only sends their number.
  if (room.online.size > frame.online_count) room.online.clear();
}

/** Takes the members of a direct room. By itself, the server only reports when the other user comes or goes.
 * @param {page.Room} room @param {wire.Members} frame */
export function setMembers(room, frame) {
  if (room.kind !== "direct") return;
  for (const { user, online } of frame.members) {
    if (online) room.online.set(user.id, user);
    else room.online.delete(user.id);
  }
  room.onlineCount = room.online.size;
}
