// What a slash command and a menu do. `page` is the page's own: its state, and ways to ask, show and tell.

import { COMMANDS, duration } from "./commands.js";
import { has } from "./rights.js";

/** Runs a command; answers what is wrong with it, if anything. */
export function run(page, command, rest) {
  const [first, ...more] = rest.split(/\s+/);
  const room = first.replace(/^#/, "");
  const { state, ask } = page;
  switch (command) {
    case "/join":
      if (!room) return "Which room? /join ROOM";
      page.join(room);
      return null;
    case "/create":
    case "/private":
      if (!room) return `What is it called? ${command} ROOM [TOPIC]`;
      return create(page, room, command === "/private", more.join(" "));
    case "/leave":
      page.leave(room || state.current);
      return null;
    case "/topic":
      ask({ type: "topic", room: state.current, topic: rest });
      return null;
    case "/dm":
      return first ? direct(page, nameOf(first), more.join(" ")) : "Who? /dm NAME [TEXT]";
    case "/who": {
      const online = state.rooms.get(state.current)?.online.values() ?? [];
      page.tell(`Online: ${[...online].map((user) => user.name).join(", ")}`);
      return null;
    }
    case "/register":
    case "/login":
    case "/password":
    case "/sessions":
    case "/logout":
    case "/audit":
      page.open(command.slice(1));
      return null;
    case "/search":
      page.search(rest);
      return null;
    case "/notify":
      if (!["all", "mentions", "none"].includes(first)) return "/notify all, /notify mentions or /notify none";
      state.rooms.get(state.current).notify = first;
      act(page, { type: "notify", room: state.current, level: first }).then((done) => done && page.tell("Done."));
      return null;
    case "/help":
      page.open("help");
      return null;
    case "/role":
    case "/role!":
      return role(page, command, first, more[0]);
    case "/banaddr":
    case "/unbanaddr":
      return address(page, command, first, more);
    default:
      return moderate(page, command, first, more);
  }
}

const nameOf = (word) => word.replace(/^@/, "").replace(/[,:]$/, "");

export function create(page, room, isPrivate, topic) {
  page.ask({ type: "create", room, kind: isPrivate ? "private" : "public", topic }).then((joined) => joined && page.show(room));
  return null;
}

/** Opens the room shared with someone alone, and writes a first message there. */
export function direct(page, user, text) {
  page.ask({ type: "direct", user }).then((joined) => {
    if (!joined) return;
    page.show(joined.room.name);
    if (text) page.post(text);
  });
  return null;
}

/** The room a command is about: the one shown, or with a `!` none, which is the whole server. */
const place = (page, command) => (command.endsWith("!") ? {} : { room: page.state.current });

/** A time before the reason, if there is one. */
function term([word, ...reason]) {
  const forMs = duration(word);
  const why = forMs ? reason.join(" ") : [word, ...reason].filter(Boolean).join(" ");
  return { for_ms: forMs ?? undefined, reason: why || undefined };
}

function moderate(page, command, first, more) {
  if (!first) return `Who? ${command} ${COMMANDS[command].takes}`;
  const type = command.slice(1).replace("!", "");
  const timed = ["mute", "ban"].includes(type);
  const rest = timed ? term(more) : { reason: more.join(" ") || undefined };
  act(page, { type, user: nameOf(first), ...place(page, command), ...rest });
  return null;
}

/** Asks for something whose answer is that it is done. */
export async function act(page, frame) {
  const done = await page.ask(frame);
  if (done && frame.type === "invite") page.tell(`${frame.user} is invited.`);
  else if (done && !frame.room) page.tell("Done.");
  return done;
}

function address(page, command, first, more) {
  if (!first) return `Who, or which address? ${command} ${COMMANDS[command].takes}`;
  const isAddress = /^[0-9a-fA-F.:]+(\/\d+)?$/.test(first) && /[.:]/.test(first);
  const whom = isAddress ? { address: first } : { user: nameOf(first), address: "current" };
  act(page, { type: command === "/banaddr" ? "ban" : "unban", ...whom, ...term(more) });
  return null;
}

function role(page, command, first, word) {
  const roles = command.endsWith("!") ? ["admin", "member"] : ["owner", "moderator", "member"];
  if (!first || !roles.includes(word)) return `${command} NAME ROLE, where ROLE is ${roles.join(", ")}.`;
  act(page, { type: "role", user: nameOf(first), role: word, ...place(page, command) });
  return null;
}

/** The commands one may use, in words. */
export const usable = (state) => Object.entries(COMMANDS).filter(([, entry]) => has(entry.needs, state));
