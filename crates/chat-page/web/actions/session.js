// The person's identity: the chat starts once it is known, and ends when they log out.

import * as accounts from "../net/accounts.js";
import * as kept from "../net/kept.js";

/** Why the server refuses a hello without a login: there is none, or it has ended. */
const NOBODY = ["unauthorized", "bad_request"];

/** What a session needs.
 * @typedef {object} Needs
 * @property {import("../net/connection.js").Connection} connection
 * @property {import("../views/login.js").Login} login
 * @property {import("../views/offer.js").Offer} offer
 * @property {() => void} forget removes everything of the person from the page and the browser
 */

export class Session {
  #needs;
  /** Whether the person has just logged in, so that the browser must have a login to send. */
  #isFresh = false;

  /** @param {Needs} needs */
  constructor(needs) {
    this.#needs = needs;
  }

  /** Starts with the previous identity, or asks. */
  begin() {
    if (kept.get("name")) this.#start();
    else this.#needs.login.show(new URLSearchParams(location.search).get("name") ?? "", "");
  }

  /** Handles a login: the chat starts or restarts.
   * @param {wire.Me} user */
  enter(user) {
    kept.set("name", user.name);
    this.#isFresh = true;
    this.#start();
  }

  #start() {
    this.#needs.login.hide();
    this.#needs.connection.start();
  }

  /** Handles the welcome.
   * @param {wire.Me} me */
  welcome(me) {
    this.#isFresh = false;
    kept.set("name", me.name);
  }

  /** Handles a refused hello.
   * @param {wire.Failure} why */
  refused({ code, message }) {
    const { connection, offer } = this.#needs;
    connection.stop();
    if (!NOBODY.includes(code)) return this.askWho(message);
    // The browser did not send the login that it has just received, so it does not store cookies.
    if (this.#isFresh && accounts.showLogin()) {
      this.#isFresh = false;
      offer.tell("This browser blocks cookies for this page. You are logged in for this visit only, and pictures and files cannot be opened. Allow cookies for this address to change that.");
      return connection.start();
    }
    return this.askWho("");
  }

  /** Asks who the person is, in place of the chat.
   * @param {string} why @param {import("../views/login.js").Mode} [mode] */
  askWho(why, mode) {
    this.#needs.login.show(kept.get("name") ?? "", why, mode);
  }

  /** Ends the login, and asks who the person is.
   * @param {import("../views/login.js").Mode} mode */
  async leave(mode) {
    const { connection, forget } = this.#needs;
    connection.stop();
    let why = "";
    await accounts.logout().catch((/** @type {wire.Problem} */ error) => {
      if (error.code !== "unauthorized") why = `You are logged out here, but the server could not be told, so your login is still valid on it: ${error.message}`;
    });
    kept.set("name", null);
    forget();
    this.askWho(why, mode);
  }
}
