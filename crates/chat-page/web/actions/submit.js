// Takes a line that was written: runs a command, posts anything else.

import { read } from "../model/commands.js";
import { TEXT_BYTES, bytes } from "../model/wire.js";

/** Answers a function that takes a line, and answers what is wrong with it, or null.
 * @param {import("./slash.js").Slash} slash
 * @param {import("./posting.js").Posting} posting
 * @returns {(input: string) => string | null} */
export const submitting = (slash, posting) => (input) => {
  const typed = read(input);
  if (typed.unknown !== undefined) return typed.unknown;
  if (typed.command !== undefined) return slash.run(typed.command, typed.rest);
  const { text } = typed;
  if (bytes(text) > TEXT_BYTES) return `${bytes(text)} bytes are too many for one message, ${TEXT_BYTES} may be. Send it in parts.`;
  return posting.post(text);
};
