// Who the person is: the chat begins once that is settled, and ends when they leave.

import * as accounts from "./accounts.js";
import * as kept from "./kept.js";

/** Why the server takes no hello without a login: there is none, or it has ended. */
const NOBODY = ["unauthorized", "bad_request"];

export class Session {
  #state;
  #page;
  /** Whether the person has just logged in, so that the browser must have a login to show. */
  #isFresh = false;

  /** `page` has `connection`, `login`, `outbox`, `uploads`, `composer`, `offer` and `changed`. */
  constructor(state, page) {
    this.#state = state;
    this.#page = page;
  }

  /** Begins with who the person was last, or asks. */
  begin() {
    if (kept.get("name")) this.#start();
    else this.#page.login.show(new URLSearchParams(location.search).get("name") ?? "", "");
  }

  /** Who the person is was settled: the chat begins, or begins anew. */
  enter(user) {
    kept.set("name", user.name);
    this.#isFresh = true;
    this.#page.login.hide();
    this.#start();
  }

  #start() {
    document.getElementById("chat").hidden = false;
    this.#page.connection.start();
  }

  /** The server has said welcome. */
  welcome() {
    this.#isFresh = false;
    kept.set("name", this.#state.me.name);
  }

  /** The server refused the hello. */
  refused({ code, message }) {
    const { connection } = this.#page;
    connection.stop();
    if (!NOBODY.includes(code)) return this.askWho(message);
    // The browser did not show the login that it was just given: it keeps no cookies.
    if (this.#isFresh && accounts.showLogin()) {
      this.#isFresh = false;
      this.#page.tellOnce("This browser keeps no cookies for this page, so you are logged in for this visit only, and pictures and files stay closed. To change that, allow cookies for this address.");
      return connection.start();
    }
    return this.askWho("");
  }

  /** Shows who one could be instead of the chat. */
  askWho(why, mode) {
    document.getElementById("chat").hidden = true;
    this.#page.login.show(kept.get("name") ?? "", why, mode);
  }

  /** Ends the login, and asks who to be next. Nothing of it stays in the document or in the browser. */
  async leave(mode) {
    const { connection, outbox, uploads, composer, offer, changed } = this.#page;
    connection.stop();
    let why = "";
    await accounts.logout().catch((error) => {
      if (error.code !== "unauthorized") why = `You have left this page, but the server could not be told, so the login still counts: ${error.message}`;
    });
    kept.set("name", null);
    outbox.clear();
    uploads.clear();
    offer.hide();
    this.#state.rooms.clear();
    Object.assign(this.#state, { me: null, current: null, log: null, others: [] });
    composer.clear();
    history.replaceState(null, "", location.pathname + location.search);
    changed();
    this.askWho(why, mode);
  }
}
