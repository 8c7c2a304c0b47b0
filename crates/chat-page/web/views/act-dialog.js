// Asks for the reason and the duration before an action against someone.

import { element, onSubmit } from "./dom.js";

export class ActDialog {
  #dialog = element("act-dialog", HTMLDialogElement);
  #title = element("act-title");
  #form = element("act-form", HTMLFormElement);
  #forRow = element("act-for-row");
  #for = element("act-for", HTMLSelectElement);
  #submit = element("act-submit");
  /** @type {wire.Moderate | null} */
  #frame = null;

  /** @param {(frame: wire.Moderate) => void} act */
  constructor(act) {
    onSubmit(this.#form, (fields) => {
      this.#dialog.close();
      if (!this.#frame) return;
      const isTimed = this.#frame.type !== "kick";
      act({ ...this.#frame, reason: fields.text("reason").trim() || undefined, for_ms: (isTimed && Number(fields.text("for"))) || undefined });
    });
  }

  /** @param {string} act what is done to whom, such as "Ban bob" @param {string} place @param {wire.Moderate} frame */
  open(act, place, frame) {
    this.#frame = frame;
    this.#title.textContent = `${act} ${place}`;
    this.#submit.textContent = act;
    this.#form.reset();
    this.#forRow.hidden = frame.type === "kick";
    // A mute is short by default, a ban has no end.
    this.#for.value = frame.type === "mute" ? "600000" : "";
    this.#dialog.showModal();
  }
}
