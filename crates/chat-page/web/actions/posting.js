// Posts a text: a message with its files, or the new text of an earlier message.

import { read } from "../model/commands.js";
import { hasShortcodes, replaced } from "../model/shortcodes.js";
import { TEXT_BYTES, charactersOver } from "../model/wire.js";
import { emoji } from "../net/emoji.js";
import { nonce } from "../net/nonce.js";

/** What posting needs.
 * @typedef {object} Needs
 * @property {import("../model/shown.js").Shown} shown
 * @property {page.Ask} ask
 * @property {import("../net/outbox.js").Outbox} outbox
 * @property {import("../net/uploads.js").Uploads} uploads
 * @property {import("../views/about.js").About} about the reply or edit in progress
 * @property {(about: page.About, text: string) => void} restore puts a text back, unless the person writes another one
 * @property {() => void} posted is called when the person has posted something
 */

/** The reason why a text cannot be sent now.
 * @typedef {{ isEmpty?: boolean, wait?: string, wrong?: string }} Hold */

/** Returns what is wrong with a text that is too long to be sent, or null.
 * @param {string} text */
export function tooLong(text) {
  const over = charactersOver(text, TEXT_BYTES);
  return over > 0 ? `Too long by ${over.toLocaleString("en")} ${over === 1 ? "character" : "characters"}. Send it in parts.` : null;
}

export class Posting {
  #needs;

  /** @param {Needs} needs */
  constructor(needs) {
    this.#needs = needs;
  }

  /** Returns why a text cannot be sent now: it is empty, or a file is uploading or failed.
   * @param {string} input @returns {Hold} */
  hold(input) {
    const { shown, uploads, about } = this.#needs;
    const files = uploads.of(shown.name);
    if (read(input).command || about.isEdit || !files.length) return { isEmpty: !input.trim() };
    if (files.some((upload) => !upload.file && !upload.error)) return { wait: files.length === 1 ? "Your message is sent when the file is uploaded." : "Your message is sent when the files are uploaded." };
    return files.some((upload) => upload.error) ? { wrong: "A file could not be uploaded. Retry or remove it." } : {};
  }

  /** Posts a text to the current room. Returns what is wrong with it, or null.
   * @param {string} text */
  post(text) {
    const { shown, outbox, uploads, about, posted } = this.#needs;
    const room = shown.name;
    if (!room) return "You are in no room yet.";
    if (about.isEdit) {
      this.#edit(about.take(), room, text);
      return null;
    }
    if (outbox.isFull) return "Too many messages are waiting to be sent.";
    const files = uploads.take(room);
    const entry = { nonce: nonce(), room, text, reply_to: about.take()?.reply?.seq, files: files.length ? files : undefined };
    // The server may have to be asked for the emoji first.
    if (hasShortcodes(text)) emoji().then((all) => outbox.add({ ...entry, text: replaced(all, text) }));
    else outbox.add(entry);
    posted();
    return null;
  }

  /** Edits a message. If that is refused, the text goes back into the composer.
   * @param {page.About | null} about @param {string} room @param {string} text */
  async #edit(about, room, text) {
    const { shown, ask, restore } = this.#needs;
    if (!about?.edit) return;
    const done = await ask({ type: "edit", room, seq: about.edit.seq, text: hasShortcodes(text) ? replaced(await emoji(), text) : text });
    if (!done && shown.name === room) restore(about, text);
  }
}
