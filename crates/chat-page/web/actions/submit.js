// Handles a typed line: runs a command, posts anything else.

import { read } from "../model/commands.js";
import { tooLong } from "./posting.js";

/** Returns a function that handles a line and returns what is wrong with it, or null.
 * @param {import("./slash.js").Slash} slash
 * @param {import("./posting.js").Posting} posting
 * @returns {(input: string) => string | null} */
export const submitting = (slash, posting) => (input) => {
  const typed = read(input);
  if (typed.unknown !== undefined) return typed.unknown;
  if (typed.command !== undefined) return slash.run(typed.command, typed.rest);
  const { text } = typed;
  return tooLong(text) ?? posting.post(text);
};
