// Actions on a message that was not sent.

/** Returns a function that retries, edits or deletes the message with a key.
 * @param {import("../model/shown.js").Shown} shown
 * @param {import("../net/outbox.js").Outbox} outbox
 * @param {import("../net/uploads.js").Uploads} uploads
 * @param {import("../views/composer.js").Composer} composer
 * @returns {(what: string, nonce: string) => void} */
export const pendingActs = (shown, outbox, uploads, composer) => (what, nonce) => {
  if (what === "retry") return outbox.retry(nonce);
  const entry = outbox.of(shown.name).find((one) => one.nonce === nonce);
  outbox.remove(nonce);
  if (what !== "edit" || !entry) return;
  if (entry.files?.length) uploads.restore(entry.room, entry.files);
  composer.set(entry.text);
  composer.focus();
};
