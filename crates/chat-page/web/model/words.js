// What happened, in words for people.

/** Returns a duration in words.
 * @param {number} ms */
export function span(ms) {
  const minutes = Math.ceil(Math.max(0, ms) / 60_000);
  if (minutes <= 1) return "a minute";
  if (minutes < 120) return `${minutes} minutes`;
  if (minutes < 2880) return `${Math.ceil(minutes / 60)} hours`;
  return `${Math.ceil(minutes / 1440)} days`;
}

/** Returns a role with its article, such as "an owner".
 * @param {string} [role] */
export const aRole = (role = "member") => `${/^[aeiou]/.test(role) ? "an" : "a"} ${role}`;

/** Returns the display name of a room.
 * @param {{ name: string, kind?: wire.RoomKind, user?: wire.User | null }} room */
export function label(room) {
  if (room.kind !== "direct" || !room.user) return `#${room.name}`;
  return room.user.name === `deleted-${room.user.id}` ? "deleted user" : `@${room.user.name}`;
}

/** Returns the sentence above the first message of a room.
 * @param {page.Room} room */
export const beginningOf = (room) => (room.kind === "direct" ? `Beginning of your conversation with ${label(room).replace("@", "")}.` : `Beginning of ${label(room)}.`);

/** Returns a number of bytes in words.
 * @param {number} bytes */
export function sizeOf(bytes) {
  if (bytes < 1024) return `${bytes} ${bytes === 1 ? "byte" : "bytes"}`;
  const units = ["KiB", "MiB", "GiB"];
  const at = Math.min(units.length, Math.floor(Math.log2(bytes) / 10));
  const size = bytes / 1024 ** at;
  return `${size < 10 ? size.toFixed(1) : Math.round(size)} ${units[at - 1]}`;
}

/** Returns a message as a line of plain text, or the names of its files if it has no text.
 * @param {{ text?: string, files?: wire.File[] }} item */
export const gist = (item) => item.text || (item.files ?? []).map((file) => `📎 ${file.name}`).join(", ");

/** Returns an event other than a message as a line.
 * @param {Exclude<page.Item, wire.Message>} item */
export function told(item) {
  const by = item.by.name;
  if (item.type === "topic") return item.topic ? `${by} set the topic: ${item.topic}` : `${by} removed the topic`;
  if (item.type === "newer") return `a newer kind of event (${item.kind})`;
  if (item.type !== "member") return `${by} pinned a message`;
  const who = item.user.name;
  const place = item.everywhere ? " on the whole server" : "";
  const term = item.until ? ` for ${span(item.until - item.at)}` : "";
  const why = item.reason ? ` (${item.reason})` : "";
  switch (item.change) {
    case "joined":
    case "left":
      return `${who} ${item.change}`;
    case "invited":
      return `${by} invited ${who}`;
    case "kicked":
      return `${by} removed ${who}${place}${why}`;
    case "banned":
      return `${by} banned ${who}${place}${term}${why}`;
    case "unbanned":
      return `${by} unbanned ${who}${place}`;
    case "muted":
      return `${by} muted ${who}${place}${term}${why}`;
    case "unmuted":
      return `${by} unmuted ${who}${place}`;
    case "role":
      return `${by} made ${who} ${aRole(item.role)}${place}`;
    default:
      return `${by}: ${item.change} ${who}${place}${term}${why}`;
  }
}

/** Returns what was done to the person, why and for how long, or null if there is nothing to say.
 * @param {wire.MemberChange} item @param {page.Room} room */
export function toldMe(item, room) {
  const by = item.by.name;
  const place = item.everywhere ? "on the whole server" : `in ${label(room)}`;
  const term = item.until ? ` for ${span(item.until - item.at)}` : "";
  const why = item.reason ? `: ${item.reason}` : "";
  switch (item.change) {
    case "muted":
      return `${by} muted you ${place}${term}${why}`;
    case "unmuted":
      return `${by} lets you write ${place} again`;
    case "role":
      return `${by} made you ${aRole(item.role)} ${place}`;
    case "kicked":
      return `${by} removed you from ${label(room)}${why}. You can join again.`;
    case "banned":
      return `${by} banned you ${item.everywhere ? "from the server" : `from ${label(room)}`}${term}${why}`;
    default:
      return null;
  }
}

/** Returns where a message would go, or that the person may not write there.
 * @param {page.Room | null} room @param {number} now */
export function whereTo(room, now) {
  if (!room) return "Message";
  const { muted } = room;
  if (!muted) return `Message to ${label(room)}`;
  const term = muted.until ? ` for ${span(muted.until - now)}` : "";
  return `You are muted here${term}${muted.reason ? `: ${muted.reason}` : ""}`;
}
