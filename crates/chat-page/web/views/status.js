// The state of the connection, in words.

import { element } from "./dom.js";

/** A break shorter than this is not shown, in milliseconds. */
const QUIET_MS = 1000;

export class Status {
  #banner = element("banner");
  #text = element("banner-text");
  #retry = element("retry");
  /** @type {page.Status} */
  #status = { status: "connecting" };
  #since = Date.now();
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  #waiting;
  /** When a late message was sent, or null if no reply is late.
   * @type {number | null} */
  #unanswered = null;

  /** @param {() => void} retry @param {() => number} waiting how many messages wait to be sent */
  constructor(retry, waiting) {
    this.#retry.addEventListener("click", () => retry());
    this.#waiting = waiting;
  }

  /** @param {page.Status} status */
  set(status) {
    if ((status.status === "live") !== (this.#status.status === "live")) this.#since = Date.now();
    this.#status = status;
    this.render();
  }

  /** Notes that a message sent at this time still has no reply. Null means that none is late.
   * @param {number | null} since */
  unanswered(since) {
    this.#unanswered = since;
    this.render();
  }

  render() {
    clearTimeout(this.#timer);
    const { status } = this.#status;
    const away = Date.now() - this.#since;
    if (status !== "live" && away < QUIET_MS) return this.#again(QUIET_MS - away);
    const words = this.#words();
    this.#text.textContent = words.join(" ");
    this.#banner.classList.toggle("shown", words.length > 0);
    this.#retry.hidden = status !== "offline";
    const isCounting = status === "live" ? words.length > 0 : status === "offline" && this.#status.retryAt !== null;
    if (isCounting) this.#again(1000);
  }

  /** Returns the sentences of the banner. */
  #words() {
    const status = this.#status;
    if (status.status === "live") return this.#unanswered === null ? [] : [late(this.#unanswered)];
    const waiting = this.#waiting();
    const kept = waiting ? [waiting === 1 ? "1 message is waiting." : `${waiting} messages are waiting.`] : [];
    if (status.status === "connecting") return ["Connecting…", ...kept];
    const again = status.retryAt === null ? [] : [`Retrying in ${Math.max(1, Math.ceil((status.retryAt - Date.now()) / 1000))} s.`];
    return ["Offline.", ...(status.reason ? [status.reason] : []), ...again, ...kept];
  }

  /** @param {number} ms */
  #again(ms) {
    this.#timer = setTimeout(() => this.render(), ms);
  }
}

/** @param {number} since */
const late = (since) => `No answer from the server for ${Math.round((Date.now() - since) / 1000)} s. The connection is slow or broken. Your messages are kept and sent again if necessary.`;
