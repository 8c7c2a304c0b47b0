// The slash commands, from which completion and the help are made, and how a typed line is parsed. The terminal client has more
// of them: the page has buttons for reactions and files.

/** A command: its arguments, what it does, who may use it, and whether its first argument is a user's name.
 * @typedef {{ takes: string, help: string, needs?: import("./rights.js").Need, name?: boolean }} Entry */

/** @type {Record<string, Entry>} */
export const COMMANDS = {
  "/join": { takes: "ROOM", help: "go to a room" },
  "/create": { takes: "ROOM [TOPIC]", help: "create a public room" },
  "/private": { takes: "ROOM [TOPIC]", help: "create a private room" },
  "/leave": { takes: "[ROOM]", help: "leave this room or another one" },
  "/topic": { takes: "TEXT", help: "set the topic of this room" },
  "/dm": { takes: "NAME [TEXT]", help: "send a direct message", name: true },
  "/who": { takes: "", help: "show who is online here" },
  "/search": { takes: "[WORDS]", help: "find messages" },
  "/notify": { takes: "all|mentions|none", help: "choose what this room notifies you of" },
  "/invite": { takes: "NAME", help: "invite someone to this room", name: true },
  "/kick": { takes: "NAME [WHY]", help: "remove someone, who may come back", needs: "moderator", name: true },
  "/mute": { takes: "NAME [10m] [WHY]", help: "stop someone from writing here", needs: "moderator", name: true },
  "/unmute": { takes: "NAME", help: "end a mute", needs: "moderator", name: true },
  "/ban": { takes: "NAME [2h] [WHY]", help: "remove someone and keep them out", needs: "moderator", name: true },
  "/unban": { takes: "NAME", help: "end a ban", needs: "moderator", name: true },
  "/role": { takes: "NAME ROLE", help: "make someone an owner, moderator or member", needs: "moderator", name: true },
  "/kick!": { takes: "NAME [WHY]", help: "remove someone from every room", needs: "admin", name: true },
  "/mute!": { takes: "NAME [1h] [WHY]", help: "stop someone from writing anywhere", needs: "admin", name: true },
  "/unmute!": { takes: "NAME", help: "end that", needs: "admin", name: true },
  "/ban!": { takes: "NAME [1d] [WHY]", help: "ban someone from this server", needs: "admin", name: true },
  "/unban!": { takes: "NAME", help: "end that", needs: "admin", name: true },
  "/role!": { takes: "NAME ROLE", help: "make someone an admin or a member", needs: "admin", name: true },
  "/banaddr": { takes: "NAME|ADDRESS [1d] [WHY]", help: "ban an address as well", needs: "admin", name: true },
  "/unbanaddr": { takes: "ADDRESS", help: "end that", needs: "admin" },
  "/audit": { takes: "", help: "show the moderation log", needs: "admin" },
  "/register": { takes: "", help: "register your name with a password", needs: "guest" },
  "/login": { takes: "", help: "switch account" },
  "/password": { takes: "", help: "change your password", needs: "account" },
  "/sessions": { takes: "", help: "show your devices" },
  "/logout": { takes: "", help: "log out" },
  "/help": { takes: "", help: "show this list" },
};

/** Whether there is such a command. Words such as `constructor` are not commands.
 * @param {string} name */
export const isCommand = (name) => Object.hasOwn(COMMANDS, name);

/** A parsed line: a text to send, a command with the rest of its line, or what is wrong with it.
 * @typedef {{ text: string, command?: undefined, unknown?: undefined }
 *   | { command: string, rest: string, unknown?: undefined }
 *   | { unknown: string, command?: undefined }} Typed */

/** Parses a line. `//` sends a slash as text.
 * @param {string} input @returns {Typed} */
export function read(input) {
  const text = input.trim();
  if (text.startsWith("//")) return { text: text.slice(1) };
  if (!text.startsWith("/") || text.includes("\n")) return { text };
  const [name = "", ...rest] = text.split(" ");
  if (isCommand(name)) return { command: name, rest: rest.join(" ").trim() };
  return { unknown: `There is no command ${name}. Type /help for a list, or // to send a slash.` };
}

/** @type {Record<string, number>} */
const UNITS = { s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 };

/** Returns a duration such as `10m`, `2h` or `3d` in milliseconds, or null if the word is not one.
 * @param {string | undefined} word */
export function duration(word) {
  const parts = /^([1-9]\d{0,8})([smhdw])$/.exec(word ?? "");
  return parts ? Number(parts[1]) * (UNITS[parts[2] ?? ""] ?? 0) * 1000 : null;
}
