// The account forms: a guest registers, or someone changes their password.

import * as accounts from "../net/accounts.js";
import { element, inside, onSubmit } from "./dom.js";

/** @typedef {import("./dom.js").Fields} Fields */

export class AccountForms {
  #keep = element("keep-dialog", HTMLDialogElement);
  #password = element("password-dialog", HTMLDialogElement);
  #keepName = element("keep-name", HTMLInputElement);
  #passwordName = element("password-name", HTMLInputElement);
  #invitation = element("keep-invitation");
  #notes;

  /** @param {import("./notes.js").Notes} notes */
  constructor(notes) {
    this.#notes = notes;
    const register = (/** @type {Fields} */ fields) => accounts.register(this.#keepName.value, fields.text("new"), fields.text("invitation"));
    const change = (/** @type {Fields} */ fields) => accounts.changePassword(fields.text("old"), fields.text("new"));
    this.#form(element("keep-form", HTMLFormElement), this.#keep, register, "You are registered. Log in with this name and password on any device.");
    this.#form(element("password-form", HTMLFormElement), this.#password, change, "Password changed. Your other devices are logged out.");
  }

  /** Returns a form with a new password that is typed twice.
   * @param {HTMLFormElement} form @param {HTMLDialogElement} dialog
   * @param {(fields: Fields) => Promise<unknown>} send
   * @param {string} done what the person is told then */
  #form(form, dialog, send, done) {
    const error = inside(form, ".error");
    onSubmit(form, async (fields) => {
      const isSame = fields.text("new") === fields.text("again");
      error.textContent = isSame ? "" : "The passwords do not match.";
      if (!isSame) return;
      try {
        await send(fields);
        form.reset();
        dialog.close();
        this.#notes.tell(done);
      } catch (why) {
        error.textContent = /** @type {wire.Problem} */ (why).message;
      }
    });
  }

  /** Lets a guest register.
   * @param {string} name */
  async register(name) {
    const { registration } = await accounts.server();
    if (registration === "closed") return this.#notes.complain("Registration is closed. Ask whoever runs this server for an account.");
    this.#invitation.hidden = registration !== "invite";
    this.#keepName.value = name;
    this.#keep.showModal();
  }

  /** Lets someone change their password.
   * @param {string} name */
  changePassword(name) {
    this.#passwordName.value = name;
    this.#password.showModal();
  }
}
