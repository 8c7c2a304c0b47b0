// What happened, in words.

/** A stretch of time in words. */
export function span(ms) {
  const minutes = Math.ceil(Math.max(0, ms) / 60_000);
  if (minutes <= 1) return "a minute";
  if (minutes < 120) return `${minutes} minutes`;
  if (minutes < 2880) return `${Math.ceil(minutes / 60)} hours`;
  return `${Math.ceil(minutes / 1440)} days`;
}

/** A room as people call it. */
export function label(room) {
  if (room.kind !== "direct" || !room.user) return `#${room.name}`;
  return room.user.name === `deleted-${room.user.id}` ? "deleted user" : `@${room.user.name}`;
}

/** A number of bytes as people say it. */
export function sizeOf(bytes) {
  if (bytes < 1024) return `${bytes} bytes`;
  const units = ["KiB", "MiB", "GiB"];
  const at = Math.min(units.length, Math.floor(Math.log2(bytes) / 10));
  const size = bytes / 1024 ** at;
  return `${size < 10 ? size.toFixed(1) : Math.round(size)} ${units[at - 1]}`;
}

/** What a message says in a line of plain text: where it has no words, the names of its files. */
export const gist = (item) => item.text || (item.files ?? []).map((file) => `📎 ${file.name}`).join(", ");

/** An event that is no message, as a line of its own. */
export function told(item) {
  const by = item.by.name;
  if (item.type === "topic") return item.topic ? `${by} set the topic: ${item.topic}` : `${by} removed the topic`;
  if (item.type === "newer") return `a newer kind of event (${item.kind})`;
  if (item.type === "pinned") return `${by} pinned a message`;
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
      return `${by} put ${who} out${place}${why}`;
    case "banned":
      return `${by} banned ${who}${place}${term}${why}`;
    case "unbanned":
      return `${by} lifted the ban of ${who}${place}`;
    case "muted":
      return `${by} muted ${who}${place}${term}${why}`;
    case "unmuted":
      return `${by} let ${who} speak again${place}`;
    case "role":
      return `${by} made ${who} ${item.role ?? "member"}${place}`;
    default:
      return `${by}: ${item.change} ${who}${place}${term}${why}`;
  }
}

/** What was done to the person who reads this: what, why and until when. Null where there is nothing to say. */
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
      return `${by} made you ${item.role ?? "member"} ${place}`;
    case "kicked":
      return `${by} put you out of ${label(room)}${why}. You may come back.`;
    case "banned":
      return `${by} banned you ${item.everywhere ? "from the server" : `from ${label(room)}`}${term}${why}`;
    default:
      return null;
  }
}

/** That one can only read, until when and why. */
export function mutedWords(muted) {
  const term = muted.until ? ` for ${span(muted.until - Date.now())}` : "";
  return `You can only read here${term}${muted.reason ? `: ${muted.reason}` : ""}`;
}
