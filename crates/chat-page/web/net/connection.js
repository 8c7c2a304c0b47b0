// The connection to the server: one line after another, with a wait after each break.

import { delay } from "../model/backoff.js";
import { Pace } from "../model/pace.js";
import { ofSocket } from "./causes.js";
import { guarded } from "./guard.js";
import { Line } from "./line.js";

/** How often the line is checked, in milliseconds. */
const CHECK_MS = 30_000;

/** The callbacks for what arrives.
 * @typedef {object} Listener
 * @property {(status: page.Status) => void} status
 * @property {(frame: wire.ServerFrame) => void} frame
 * @property {(why: wire.Failure) => void} refused hears that the hello was refused
 * @property {(since: number | null) => void} unanswered hears when a message was sent that has no reply; null: none is late
 */

export class Connection {
  #url;
  #ends;
  #status;
  /** @type {Line | null} */
  #line = null;
  #failures = 0;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  #stopped = true;

  /** Decides how much to request at once. */
  pace = new Pace();

  /** @param {string} url
   * @param {() => wire.Hello} hello the first frame of each line
   * @param {(said: unknown) => wire.ServerFrame | null} read what the server says as a frame; null if it is none
   * @param {Listener} listener */
  constructor(url, hello, read, listener) {
    this.#url = url;
    this.#status = guarded(listener.status);
    this.#ends = {
      hello, read, pace: this.pace,
      frame: guarded(listener.frame), refused: guarded(listener.refused), unanswered: guarded(listener.unanswered),
      live: () => this.#isLive(),
      lost: () => this.#isLost(),
    };
    addEventListener("online", () => this.retry());
    document.addEventListener("visibilitychange", () => document.hidden || this.retry());
    setInterval(() => this.#line?.check(), CHECK_MS);
  }

  /** Connects, unless it is already connecting. */
  start() {
    this.#stopped = false;
    if (this.#line) return;
    clearTimeout(this.#timer);
    this.#status({ status: "connecting" });
    this.#line = new Line(this.#url, this.#ends);
  }

  /** Connects at once if it is waiting to retry. */
  retry() {
    if (!this.#line && !this.#stopped) this.start();
  }

  /** Disconnects until `start`. */
  stop() {
    this.#stopped = true;
    this.#line?.close();
  }

  /** Breaks the line: the next one brings the missing events. */
  resume() {
    this.#line?.close();
  }

  get live() {
    return this.#line?.live ?? false;
  }

  /** Sends a command. Returns its reply, or throws a `wire.Problem`.
   * @template {wire.Command} C @param {C} command @returns {Promise<wire.ReplyTo<C>>} */
  async ask(command) {
    if (!this.#line?.live) throw { code: "offline", message: "There is no connection now." };
    return this.#line.ask(command);
  }

  /** Sends a command that needs no reply.
   * @param {wire.Command} command */
  tell(command) {
    if (this.#line?.live) this.#line.tell(command);
  }

  #isLive() {
    this.#failures = 0;
    this.#status({ status: "live" });
  }

  #isLost() {
    const after = this.#line?.goodbye?.reconnect_after_ms;
    const reason = this.#line?.goodbye?.text ?? "";
    const isUnexplained = !this.#line?.opened && !reason;
    this.#line = null;
    if (this.#stopped || after === null) {
      this.#stopped = true;
      this.#status({ status: "offline", reason, retryAt: null });
      return;
    }
    const wait = delay(this.#failures++, after, Math.random());
    this.#timer = setTimeout(() => this.start(), wait);
    this.#status({ status: "offline", reason, retryAt: Date.now() + wait });
    if (isUnexplained) this.#explain(Date.now() + wait);
  }

  /** Shows why the socket did not open, unless the next attempt starts before that is known.
   * @param {number} retryAt */
  async #explain(retryAt) {
    const reason = await ofSocket();
    if (!this.#line && !this.#stopped) this.#status({ status: "offline", reason, retryAt });
  }
}
