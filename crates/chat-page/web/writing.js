// What becomes of what was written: a command, a message with its files, or a change of one.

import { run } from "./actions.js";
import { read } from "./commands.js";
import { replaced } from "./emoji.js";
import { TEXT_BYTES, bytes, nonce } from "./wire.js";

/** What keeps a text from being sent now: that there is nothing, files on their way, or ones that failed. */
export function hold({ state, uploads, composer }, input) {
  const files = uploads.of(state.current);
  if (read(input).command || composer.isChange || !files.length) return { isEmpty: !input.trim() };
  if (uploads.isBusy(state.current)) return { wait: files.length === 1 ? "It is sent as soon as the file is there." : "It is sent as soon as the files are there." };
  return files.some((upload) => upload.error) ? { wrong: "A file did not arrive. Try it again, or leave it out." } : {};
}

/** Takes what was written; answers what is wrong with it, if anything. */
export function submit(page, input) {
  const { text, command, rest, unknown } = read(input);
  if (unknown) return unknown;
  if (command) return run(page, command, rest);
  if (bytes(text) > TEXT_BYTES) return `${bytes(text)} bytes are too many for one message, ${TEXT_BYTES} may be. Send it in parts.`;
  return post(page, text);
}

/** Sends a text to the room shown; answers what is wrong with it, if anything. */
export function post(page, text) {
  const { state, outbox, uploads, composer } = page;
  const room = state.current;
  if (!room) return "You are in no room yet.";
  if (composer.isChange) {
    change(page, composer.takeAbout(), room, text);
    return null;
  }
  if (outbox.isFull) return "Too many messages are waiting to be sent.";
  const about = composer.takeAbout();
  const files = uploads.take(room);
  const entry = { nonce: nonce(), room, text, reply_to: about?.reply.seq, files: files.length ? files : undefined };
  // The names of emoji may have to be asked for first.
  if (/:[\w+-]+:/.test(text)) replaced(text).then((said) => outbox.add({ ...entry, text: said }));
  else outbox.add(entry);
  page.written();
  return null;
}

/** Changes a message; where that is refused, what was typed is back to be tried again. */
async function change({ state, ask, composer }, about, room, text) {
  const done = await ask({ type: "edit", room, seq: about.edit.seq, text: await replaced(text) });
  if (done || state.current !== room || !composer.isEmpty) return;
  composer.about(about);
  composer.set(text);
}
