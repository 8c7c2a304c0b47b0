// Asks who the person is: a guest with a name, a user with a password, or someone who wants to register. Each has its own
// form, so that password managers understand them. One form is shown.

import * as accounts from "../net/accounts.js";
import { element, inside, onSubmit, targetOf } from "./dom.js";

/** @typedef {"guest" | "signin" | "register"} Mode */
/** @typedef {import("./dom.js").Fields} Fields */

/** @type {Record<Mode, HTMLFormElement>} */
const forms = { guest: element("guest-form", HTMLFormElement), signin: element("signin-form", HTMLFormElement), register: element("register-form", HTMLFormElement) };

const TITLES = { guest: "Join the chat", signin: "Log in", register: "Register" };

export class Login {
  #box = element("login");
  #chat = element("chat");
  #error = element("login-error");
  #title = element("login-title");
  #invitation = element("invitation-row");
  #ways = [...this.#box.querySelectorAll("button")].filter((button) => button.dataset.mode);
  /** @type {Mode} */
  #mode = "guest";
  /** @type {wire.ServerInfo} */
  #info = { name: "chat", guests: true, registration: "open" };
  #entered;

  /** @param {(user: wire.Me) => void} entered hears who the person is now */
  constructor(entered) {
    this.#entered = entered;
    onSubmit(forms.guest, (fields) => this.#submit(() => accounts.guest(fields.text("name").trim())));
    onSubmit(forms.signin, (fields) => this.#submit(() => accounts.login(fields.text("username").trim(), fields.text("password"))));
    onSubmit(forms.register, (fields) => this.#submit(() => register(fields)));
    this.#box.addEventListener("click", (event) => {
      const mode = targetOf(event, "[data-mode]")?.dataset.mode;
      if (isMode(mode)) this.#show(mode, this.#typed());
    });
  }

  /** @param {() => Promise<wire.LoggedIn>} send */
  async #submit(send) {
    const form = forms[this.#mode];
    const button = inside(form, "[type=submit]", HTMLButtonElement);
    button.disabled = true;
    this.#error.textContent = "";
    try {
      const { user } = await send();
      form.reset();
      this.#entered(user);
    } catch (error) {
      const { code, message } = /** @type {wire.Problem} */ (error);
      if (this.#mode === "guest" && code === "name_taken" && message.includes("registered")) this.#show("signin", this.#typed());
      this.#error.textContent = message;
      if (form === forms[this.#mode]) passwordOf(form)?.focus();
    } finally {
      button.disabled = false;
    }
  }

  /** Returns the name that was typed into the current form. */
  #typed() {
    return nameOf(forms[this.#mode]).value;
  }

  /** Shows a form.
   * @param {Mode} mode @param {string} name fills in the name unless it is empty */
  #show(mode, name) {
    this.#mode = mode;
    for (const [one, form] of Object.entries(forms)) form.hidden = one !== mode;
    this.#title.textContent = TITLES[mode];
    this.#error.textContent = "";
    this.#offerWays();
    const field = nameOf(forms[mode]);
    if (name) field.value = name;
    field.select();
    const password = mode !== "guest" && name ? passwordOf(forms[mode]) : null;
    (password ?? field).focus();
  }

  /** Offers the other forms that the server allows. */
  #offerWays() {
    const { guests, registration } = this.#info;
    const allowed = { guest: guests, signin: true, register: registration !== "closed" };
    for (const button of this.#ways) {
      const { mode } = button.dataset;
      button.hidden = !isMode(mode) || mode === this.#mode || !allowed[mode];
    }
    this.#invitation.hidden = registration !== "invite";
  }

  /** Asks who the person is, in place of the chat.
   * @param {string} name the name to begin with
   * @param {string} error why the person is asked, if something went wrong
   * @param {Mode} [mode] */
  async show(name, error, mode = "guest") {
    this.#chat.hidden = true;
    this.#box.hidden = false;
    this.#show(mode, name);
    this.#error.textContent = error;
    this.#info = await accounts.server();
    if (this.#mode === "guest" && !this.#info.guests) this.#show("signin", this.#typed());
    // Nothing else changes, because the person may be typing.
    else this.#offerWays();
    if (error) this.#error.textContent = error;
  }

  /** Shows the chat. */
  hide() {
    this.#box.hidden = true;
    this.#chat.hidden = false;
  }
}

/** @param {Fields} fields */
async function register(fields) {
  if (fields.text("password") !== fields.text("again")) throw { code: "bad_request", message: "The passwords do not match." };
  return accounts.register(fields.text("username").trim(), fields.text("password"), fields.text("invitation"));
}

/** @param {string | undefined} word @returns {word is Mode} */
const isMode = (word) => word !== undefined && Object.hasOwn(forms, word);

/** @param {HTMLFormElement} form */
const nameOf = (form) => inside(form, "input", HTMLInputElement);

/** @param {HTMLFormElement} form */
const passwordOf = (form) => [...form.querySelectorAll("input")].find((field) => field.type === "password");
