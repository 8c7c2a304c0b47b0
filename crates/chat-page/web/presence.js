// Who is there.

export function presence(room, frame) {
  for (const user of frame.offline) room.online.delete(user.id);
  for (const user of frame.online) room.online.set(user.id, user);
  room.onlineCount = frame.online_count;
  if (room.online.size > frame.online_count) room.online.clear();
}

/** Who of a direct room is online: it was asked because nothing tells before someone comes or goes. */
export function members(room, frame) {
  if (room.kind !== "direct") return;
  for (const { user, online } of frame.members) {
    if (online) room.online.set(user.id, user);
    else room.online.delete(user.id);
  }
  room.onlineCount = room.online.size;
}
