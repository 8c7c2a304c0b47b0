// The dialogs that commands and buttons open: account forms, and lists to read.

import { audited, programOf } from "../model/audit.js";
import { COMMANDS } from "../model/commands.js";
import { has } from "../model/rights.js";
import { wholeOf } from "../model/time.js";
import { AccountForms } from "./account-forms.js";
import { allowNotifications } from "./attention.js";
import { makeButton } from "./dom.js";
import { ListDialog } from "./list-dialog.js";

/** How many actions the moderation log shows. */
const AUDITED = 200;

/** @type {import("./list-dialog.js").Line[]} */
const KEYS = [
  ["Alt+U", "go to the first unread message"],
  ["Alt+M", "go to the next mention"],
  ["Alt+↑, Alt+↓", "go to the room above or below"],
  ["Escape", "go back to the newest message"],
];

/** What the dialogs need.
 * @typedef {object} Needs
 * @property {page.State} state
 * @property {import("../model/shown.js").Shown} shown
 * @property {page.Ask} ask
 * @property {import("./notes.js").Notes} notes
 * @property {(mode: import("./login.js").Mode) => void} leave ends the login
 */

export class Dialogs {
  #needs;
  #forms;
  #list = new ListDialog();

  /** @param {Needs} needs */
  constructor(needs) {
    this.#needs = needs;
    this.#forms = new AccountForms(needs.notes);
  }

  /** @param {string} dialog */
  async open(dialog) {
    const name = this.#needs.state.me?.name ?? "";
    switch (dialog) {
      case "register":
        return this.#forms.register(name);
      case "password":
        return this.#forms.changePassword(name);
      case "login":
        return this.#needs.leave("signin");
      case "logout":
        return this.#needs.leave("guest");
      case "notifications":
        return this.#notifications();
      case "help":
        return this.#help();
      case "audit":
        return this.#audit();
      default:
        return this.#sessions();
    }
  }

  async #notifications() {
    const { done, wrong } = await allowNotifications();
    if (wrong !== undefined) this.#needs.notes.complain(wrong);
    else this.#needs.notes.tell(done);
  }

  #help() {
    const { state, shown } = this.#needs;
    const usable = Object.entries(COMMANDS).filter(([, { needs }]) => has(needs, { me: state.me, room: shown.room }));
    this.#list.show("Commands and keys", [...usable.map(([name, { takes, help }]) => /** @type {[string, string]} */ ([`${name} ${takes}`, help])), ...KEYS]);
  }

  async #audit() {
    const answer = await this.#needs.ask({ type: "audit", limit: AUDITED });
    if (!answer) return;
    this.#list.show("Moderation log", answer.entries.map((entry) => [audited(entry), wholeOf(entry.at)]));
  }

  async #sessions() {
    const answer = await this.#needs.ask({ type: "sessions" });
    if (!answer) return;
    this.#list.show("Devices", answer.sessions.map(({ id, client, seen_at, current }) => {
      if (current) return [programOf(client), "This device"];
      const end = makeButton("Log out", async () => {
        if (await this.#needs.ask({ type: "revoke", session: id })) this.#sessions();
      });
      return [programOf(client), `Last used ${wholeOf(seen_at)}`, end];
    }));
  }
}
