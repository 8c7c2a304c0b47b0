// Who one is: a guest by name, someone with a password, or someone who wants one. Three forms, of which one is
// shown, so that password managers understand them.

import * as accounts from "../accounts.js";

const FORMS = ["guest", "signin", "register"];

export class Login {
  #box = document.getElementById("login");
  #error = document.getElementById("login-error");
  #info = null;

  /** `entered` hears who one is now. */
  constructor(entered) {
    const forms = {
      guest: (data) => accounts.guest(data.get("name").trim()),
      signin: (data) => accounts.login(data.get("username").trim(), data.get("password")),
      register: (data) => {
        if (data.get("password") !== data.get("again")) throw { message: "The two passwords differ. Type it again." };
        return accounts.register(data.get("username").trim(), data.get("password"), data.get("invitation"));
      },
    };
    for (const [id, send] of Object.entries(forms)) {
      document.getElementById(`${id}-form`).addEventListener("submit", (event) => {
        event.preventDefault();
        this.#submit(event.target, send, entered);
      });
    }
    this.#box.addEventListener("click", (event) => {
      const mode = event.target.dataset?.mode;
      if (mode) this.#mode(mode, this.#typed());
    });
  }

  async #submit(form, send, entered) {
    const button = form.querySelector("[type=submit]");
    button.disabled = true;
    this.#error.textContent = "";
    try {
      const { user } = await send(new FormData(form));
      form.reset();
      entered(user);
    } catch (error) {
      if (error.code === "name_taken" && error.message.includes("registered") && form.id === "guest-form") this.#mode("signin", this.#typed());
      this.#error.textContent = error.message;
      form.querySelector("input[type=password]")?.focus();
    } finally {
      button.disabled = false;
    }
  }

  /** The name that was typed, whichever form it was typed into. */
  #typed() {
    const shown = FORMS.map((id) => document.getElementById(`${id}-form`)).find((form) => !form.hidden);
    return shown?.querySelector("input").value ?? "";
  }

  #mode(mode, name) {
    for (const id of FORMS) document.getElementById(`${id}-form`).hidden = id !== mode;
    const allowed = { guest: this.#info?.guests ?? true, register: (this.#info?.registration ?? "open") !== "closed", signin: true };
    for (const button of this.#box.querySelectorAll("[data-mode]")) button.hidden = button.dataset.mode === mode || !allowed[button.dataset.mode];
    document.getElementById("invitation-row").hidden = this.#info?.registration !== "invite";
    document.getElementById("login-title").textContent = { guest: "Join the chat", signin: "Log in", register: "Register" }[mode];
    this.#error.textContent = "";
    const form = document.getElementById(`${mode}-form`);
    const field = form.querySelector("input");
    if (name) field.value = name;
    field.select();
    (mode !== "guest" && name ? form.querySelector("input[type=password]") : field).focus();
  }

  async show(name, error, mode = "guest") {
    this.#box.hidden = false;
    this.#mode(mode, name);
    this.#error.textContent = error;
    this.#info = await accounts.server();
    const shown = FORMS.find((id) => !document.getElementById(`${id}-form`).hidden);
    // Not over what is being typed meanwhile.
    if (shown === "guest" && !this.#info.guests) this.#mode("signin", this.#typed());
    else this.#refresh(shown);
    if (error) this.#error.textContent = error;
  }

  /** Offers what the server allows, now that it is known. */
  #refresh(mode) {
    const allowed = { guest: this.#info.guests, register: this.#info.registration !== "closed", signin: true };
    for (const button of this.#box.querySelectorAll("[data-mode]")) button.hidden = button.dataset.mode === mode || !allowed[button.dataset.mode];
    document.getElementById("invitation-row").hidden = this.#info.registration !== "invite";
  }

  hide() {
    this.#box.hidden = true;
  }
}
