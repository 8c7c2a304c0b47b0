// Completion with Tab: commands at the start, rooms where a command wants one or after `#`, else names.

import { COMMANDS } from "./commands.js";
import { has } from "./rights.js";

/** Most emoji that Tab goes through. */
const EMOJI = 20;

const fitting = (all, typed, before, after) =>
  all.filter((one) => one.toLowerCase().startsWith(typed.toLowerCase())).map((one) => `${before}${one}${after}`);

/** What the word before the cursor may become, with what was typed as the last; null where nothing fits. */
export function complete(input, cursor, state, emoji = []) {
  const before = input.slice(0, cursor);
  const start = before.search(/\S*$/);
  const word = before.slice(start);
  const command = before.startsWith("/") ? before.split(/\s/, 1)[0] : null;
  const words = candidates(word, start, command, before, state, emoji);
  return words.length ? { start, words: [...words, word], at: 0 } : null;
}

function candidates(word, start, command, before, state, emoji) {
  const rooms = [...state.rooms.values()].filter((room) => room.kind !== "direct").map((room) => room.name);
  const names = people(state);
  if (command && start === 0) {
    const allowed = Object.keys(COMMANDS).filter((name) => has(COMMANDS[name].needs, state));
    return fitting(allowed, word, "", " ");
  }
  if (["/join", "/leave"].includes(command)) return fitting([...rooms, ...state.others].sort(), word.replace(/^#/, ""), "", " ");
  if (word.startsWith("#")) return fitting([...rooms, ...state.others].sort(), word.slice(1), "#", " ");
  if (word.startsWith("@")) return fitting(names, word.slice(1), "@", " ");
  if (/^:[\w+-]+$/.test(word)) {
    const fits = emoji.filter(([code]) => code.startsWith(word.slice(1).toLowerCase()));
    return fits.sort(([a], [b]) => a.length - b.length).slice(0, EMOJI).map(([, one]) => `${one} `);
  }
  const wantsName = COMMANDS[command]?.name && before.split(/\s+/).length === 2;
  if (!word && !wantsName) return [];
  return fitting(names, word, "", start === 0 ? ": " : " ");
}

/** Who may be meant in the room shown: who wrote last comes first, then who is online. */
function people(state) {
  const room = state.rooms.get(state.current);
  if (!room) return [];
  const wrote = room.items.filter((item) => item.type === "message").map((item) => item.by.name).reverse();
  const online = [...room.online.values()].map((user) => user.name).sort();
  return [...new Set([...wrote, ...online])].filter((name) => name !== state.me?.name);
}
