// Completion: commands at the start of the line, rooms after `#` or where a command takes one, emoji after `:`, and
// otherwise names.

import { COMMANDS, isCommand } from "./commands.js";
import { isMessage } from "./counts.js";
import { has } from "./rights.js";

/** The maximum number of emoji that completion cycles through. */
const EMOJI = 20;

/** @typedef {[code: string, emoji: string]} Emoji */
/** The sources of completion.
 * @typedef {{ state: page.State, room: page.Room | null, emoji: Emoji[] }} Known */
/** The candidates for the text from `start` to the cursor. The last one is what was typed.
 * @typedef {{ start: number, words: string[], at: number }} Completion */

/** Returns the completions of the word before the cursor, or null if nothing fits.
 * @param {string} input @param {number} cursor @param {Known} known @returns {Completion | null} */
export function complete(input, cursor, known) {
  const before = input.slice(0, cursor);
  const start = before.search(/\S*$/);
  const word = before.slice(start);
  const words = candidates(word, start, before, known);
  return words.length ? { start, words: [...words, word], at: 0 } : null;
}

/** @param {string} word @param {number} start @param {string} before @param {Known} known */
function candidates(word, start, before, known) {
  const command = before.startsWith("/") ? before.split(/\s/, 1)[0] ?? "" : "";
  if (command && start === 0) return fitting(commands(known), word, "", " ");
  if (["/join", "/leave"].includes(command)) return fitting(rooms(known), word.replace(/^#/, ""), "", " ");
  if (word.startsWith("#")) return fitting(rooms(known), word.slice(1), "#", " ");
  if (word.startsWith("@")) return fitting(people(known), word.slice(1), "@", " ");
  if (/^:[\w+-]+$/.test(word)) return emoji(word.slice(1).toLowerCase(), known);
  const wantsName = isCommand(command) && COMMANDS[command]?.name && before.split(/\s+/).length === 2;
  if (!word && !wantsName) return [];
  return fitting(people(known), word, "", start === 0 ? ": " : " ");
}

/** @param {string[]} all @param {string} typed @param {string} before @param {string} after */
const fitting = (all, typed, before, after) =>
  all.filter((one) => one.toLowerCase().startsWith(typed.toLowerCase())).map((one) => `${before}${one}${after}`);

/** @param {Known} known */
const commands = ({ state: { me }, room }) => Object.keys(COMMANDS).filter((name) => has(COMMANDS[name]?.needs, { me, room }));

/** @param {Known} known */
function rooms({ state }) {
  const joined = [...state.rooms.values()].filter((room) => room.kind !== "direct").map((room) => room.name);
  return [...joined, ...state.others].sort();
}

/** @param {string} typed @param {Known} known */
function emoji(typed, known) {
  const fits = known.emoji.filter(([code]) => code.startsWith(typed));
  return fits.sort(([a], [b]) => a.length - b.length).slice(0, EMOJI).map(([, one]) => `${one} `);
}

/** Returns the people of the room: recent authors first, then those online.
 * @param {Known} known */
function people({ state, room }) {
  if (!room) return [];
  const wrote = room.items.filter(isMessage).map((item) => item.by.name).reverse();
  const online = [...room.online.values()].map((user) => user.name).sort();
  return [...new Set([...wrote, ...online])].filter((name) => name !== state.me?.name);
}
