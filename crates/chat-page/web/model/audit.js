// The moderation log and the list of devices, in words.

import { aRole } from "./words.js";

/** For each action, what was done, and the word before a room. The operator's actions name their target.
 * @type {Map<string, [done: string, before: string]>} */
const ACTS = new Map([
  ["invite", ["invited", "to"]],
  ["kick", ["removed", "from"]],
  ["mute", ["muted", "in"]],
  ["unmute", ["unmuted", "in"]],
  ["ban", ["banned", "from"]],
  ["unban", ["unbanned", "in"]],
  ["user delete", ["deleted the user", ""]],
  ["user reset-password", ["reset the password of", ""]],
  ["user invite", ["made an invitation code for", ""]],
]);

/** For each action, the words if there is no room, which means the whole server.
 * @type {Map<string, string>} */
const EVERYWHERE = new Map([["kick", " from every room"], ["mute", " on this server"], ["ban", " from this server"]]);

/** Returns an entry of the moderation log as a sentence.
 * @param {wire.AuditEntry} entry */
export function audited({ by, action, target, room, reason }) {
  const who = by === "operator" ? "The operator" : by;
  if (action === "role") return `${who} made ${target} ${aRole(reason)}${room ? ` in #${room}` : ""}`;
  if (action === "user add") return `${who} added the user ${target}, ${aRole(reason)}`;
  // Rooms that are not public have no name here.
  if (action === "room delete") return `${who} deleted ${/^[a-z0-9_-]+$/.test(target) ? `#${target}` : target}`;
  const why = reason ? ` (${reason})` : "";
  if (action === "delete") return `${who} deleted a message by ${target}${room ? ` in #${room}` : ""}${why}`;
  const [done, before] = ACTS.get(action) ?? [action, "in"];
  const place = room ? ` ${before} #${room}` : EVERYWHERE.get(action) ?? "";
  return `${who} ${done} ${target}${place}${why}`;
}


/** Returns the name of a login's program, as people know it.
 * @param {string} client as in its hello, such as `page/0.1.0` */
export function programOf(client) {
  if (client.startsWith("page/")) return "Web browser";
  if (client.startsWith("chat-tui/")) return "Terminal (chat-tui)";
  return client || "Unknown program";
}
