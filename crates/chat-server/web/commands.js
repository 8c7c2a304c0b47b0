// What is typed with a slash, the same as in the terminal client.

export const COMMANDS = {
  "/join": "ROOM: go to a room",
  "/create": "ROOM [TOPIC]: make a room",
  "/leave": "leave this room",
  "/topic": "TEXT: say what the room is about",
  "/who": "who is online here",
  "/help": "this list",
};

/** Reads what was typed: a text, a command with the rest of its line, or what to tell. `//` sends a slash. */
export function read(input) {
  const text = input.trim();
  if (text.startsWith("//")) return { text: text.slice(1) };
  if (!text.startsWith("/") || text.includes("\n")) return { text };
  const [name, ...rest] = text.split(" ");
  if (Object.hasOwn(COMMANDS, name)) return { command: name, rest: rest.join(" ").trim() };
  return { unknown: `There is no command ${name}. /help lists them; // sends a slash as text.` };
}
