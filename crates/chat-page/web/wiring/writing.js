// Connects the parts for writing: the composer, its files, commands and messages.

import { Moderation } from "../actions/moderation.js";
import { Navigation } from "../actions/navigation.js";
import { Posting } from "../actions/posting.js";
import { Reading } from "../actions/reading.js";
import { Slash } from "../actions/slash.js";
import { submitting } from "../actions/submit.js";
import { expireMute } from "../model/room.js";
import { About } from "../views/about.js";
import { AddressBar } from "../views/address-bar.js";
import { Attachments } from "../views/attachments.js";
import { TabCompletion } from "../views/completion.js";
import { Composer } from "../views/composer.js";
import { closeSides } from "../views/sides.js";
import { TypingSignal } from "../views/typing.js";

/** What writing needs.
 * @typedef {object} Needs
 * @property {page.State} state
 * @property {import("../model/shown.js").Shown} shown
 * @property {import("../net/connection.js").Connection} connection
 * @property {page.Ask} ask
 * @property {import("../net/outbox.js").Outbox} outbox
 * @property {import("../net/uploads.js").Uploads} uploads
 * @property {import("../views/notes.js").Notes} notes
 * @property {import("../views/offer.js").Offer} offer
 * @property {(dialog: string) => void} open opens a dialog
 * @property {(words: string) => void} search opens the search
 * @property {() => void} toNewest shows the newest message
 * @property {() => void} changed
 */

/** @param {Needs} needs */
export function wireWriting({ state, shown, connection, ask, outbox, uploads, notes, offer, open, search, toNewest, changed }) {
  const about = new About();
  const bar = new AddressBar(() => composer.focus());
  const reading = new Reading(state, shown, ask, () => connection.live, changed);
  const moderation = new Moderation(shown, ask, notes);

  /** @type {Posting} */
  const posting = new Posting({
    shown, ask, outbox, uploads, about,
    restore: (what, text) => composer.restore(what, text),
    posted() {
      shown.forget(shown.room);
      reading.again();
      toNewest();
    },
  });
  /** @type {Composer} */
  const composer = new Composer({
    shown, about, notes,
    completion: (text) => new TabCompletion(text, () => ({ state, room: shown.room })),
    hold: (input) => posting.hold(input),
    submit: (input) => submit(input),
    typing: new TypingSignal(() => shown.room && !shown.room.muted && connection.tell({ type: "typing", room: shown.room.name })),
    escape: toNewest,
  });
  const navigation = new Navigation({ state, shown, ask, pace: connection.pace, reading, bar, offer, composer, closeSides, changed });
  const submit = submitting(new Slash({ shown, ask, navigation, moderation, posting, notes, open, search }), posting);

  const attachments = new Attachments(uploads, (files) => {
    if (!shown.room || !files.length) return;
    const wrong = shown.room.muted ? "You are muted here." : uploads.add(shown.room.name, files);
    if (wrong) notes.complain(wrong);
    else notes.clear();
    composer.focus();
  });

  return {
    bar, composer, moderation, navigation, reading,
    draw: [
      () => shown.room && expireMute(shown.room, Date.now()),
      () => composer.render(),
      () => attachments.render(shown.name),
    ],
  };
}
