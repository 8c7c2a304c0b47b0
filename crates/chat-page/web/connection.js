// The socket: says hello, answers questions by id, and after any break comes back with exponential back-off and
// full jitter. What frames mean is not known here.

import { ofSocket } from "./causes.js";
import { Pace } from "./pace.js";
import { isTemporary } from "./wire.js";

const FIRST_MS = 500;
const LONGEST_MS = 30_000;
/** How long nothing may be heard: the server pings, but a page does not see that, so it asks itself. */
const ASK_EVERY_MS = 30_000;
const SILENCE_MS = 20_000;
/** The same while an answer is on its way: a page of 256 KiB at 2 kB/s. A browser does not show what came of it. */
const ANSWER_MS = 130_000;
/** How long a message may be without an answer before the person is told. */
const UNANSWERED_MS = 7000;

/** Questions whose answers may be long. */
const PAGES = ["hello", "history", "join", "rooms", "search"];

export class Connection extends EventTarget {
  #url;
  #hello;
  #read;
  #socket = null;
  #live = false;
  #lastId = 0;
  #asked = new Map();
  #failures = 0;
  #timer = 0;
  #goodbye = null;
  #stopped = true;
  #opened = false;
  #heardAt = 0;
  #unanswered = 0;

  /** How much to ask for at once. */
  pace = new Pace();

  /** `hello` makes the first frame of each connection; `read` makes what the server says readable, or null. */
  constructor(url, hello, read) {
    super();
    this.#url = url;
    this.#hello = hello;
    this.#read = read;
    addEventListener("online", () => this.retry());
    document.addEventListener("visibilitychange", () => document.hidden || this.retry());
    setInterval(() => this.#check(), ASK_EVERY_MS);
  }

  /** Connects, unless it does already. */
  start() {
    this.#stopped = false;
    if (this.#socket) return;
    clearTimeout(this.#timer);
    this.#goodbye = null;
    this.#tell("status", { status: "connecting" });
    const socket = new WebSocket(this.#url);
    this.#socket = socket;
    this.#opened = false;
    socket.onopen = () => {
      this.#opened = true;
      this.#ask(this.#hello());
    };
    socket.onmessage = ({ data }) => {
      this.#heardAt = Date.now();
      const said = JSON.parse(data);
      this.#measure(said, data.length);
      const frame = this.#read(said);
      if (frame) this.#hear(frame);
    };
    socket.onclose = () => socket === this.#socket && this.#lost();
  }

  /** Tries at once, where it was waiting to. */
  retry() {
    if (!this.#socket && !this.#stopped) this.start();
  }

  /** Waits for `start`. */
  stop() {
    this.#stopped = true;
    this.#socket?.close();
  }

  /** Breaks the connection and comes back: what is missing comes with it. */
  resume() {
    this.#socket?.close();
  }

  get live() {
    return this.#live;
  }

  /** Asks; answers the reply, or throws the error frame. */
  ask(frame) {
    return this.#live ? this.#ask(frame) : Promise.reject({ code: "offline", message: "There is no connection now." });
  }

  /** Says what needs no answer. */
  tell(frame) {
    if (this.#live) this.#socket.send(JSON.stringify(frame));
  }

  #ask(frame) {
    const id = ++this.#lastId;
    return new Promise((resolve, reject) => {
      this.#asked.set(id, { resolve, reject, hello: frame.type === "hello", type: frame.type, at: Date.now() });
      if (frame.type === "send") setTimeout(() => this.#asked.has(id) && this.#isUnanswered(id), UNANSWERED_MS);
      this.#socket.send(JSON.stringify({ ...frame, id }));
    }).catch((error) => {
      if (frame.type !== "hello") throw error;
    });
  }

  #hear(frame) {
    const asked = frame.id == null ? null : this.#asked.get(frame.id);
    if (asked) this.#asked.delete(frame.id);
    if (asked && frame.id === this.#unanswered) this.#tellUnanswered(0);
    if (frame.type === "welcome") {
      this.#live = true;
      this.#failures = 0;
    }
    if (frame.type === "goodbye") this.#goodbye = frame;
    if (asked?.hello && frame.type === "error" && isTemporary(frame.code)) {
      const socket = this.#socket;
      setTimeout(() => socket === this.#socket && this.#ask(this.#hello()), frame.retry_after_ms ?? FIRST_MS);
    } else if (asked?.hello && frame.type === "error") {
      this.#tell("refused", frame);
    } else {
      this.#tell("frame", frame);
    }
    if (frame.type === "error") asked?.reject(frame);
    else asked?.resolve(frame);
    if (frame.type === "welcome") this.#tell("status", { status: "live" });
  }

  #lost() {
    this.#socket = null;
    this.#live = false;
    this.#tellUnanswered(0);
    if ([...this.#asked.values()].some(({ type }) => PAGES.includes(type))) this.pace.broke();
    for (const { reject } of this.#asked.values()) reject({ code: "offline", message: "The connection broke." });
    this.#asked.clear();
    const after = this.#goodbye?.reconnect_after_ms;
    const reason = this.#goodbye?.text ?? "";
    if (this.#stopped || after === null) {
      this.#stopped = true;
      this.#tell("status", { status: "offline", reason, retryAt: null });
      return;
    }
    const ceiling = Math.min(LONGEST_MS, FIRST_MS * 2 ** this.#failures++);
    const wait = after === undefined ? Math.random() * ceiling : after + Math.random() * 1000;
    this.#timer = setTimeout(() => this.start(), wait);
    this.#tell("status", { status: "offline", reason, retryAt: Date.now() + wait });
    if (!this.#opened && !reason) this.#explain(Date.now() + wait);
  }

  /** Says why the socket did not open, once that is known, unless it is tried again by then. */
  async #explain(retryAt) {
    const reason = await ofSocket();
    if (!this.#socket && !this.#stopped) this.#tell("status", { status: "offline", reason, retryAt });
  }

  /** Notes how fast the answer to a question for a page came. */
  #measure(frame, length) {
    const asked = this.#asked.get(frame?.id);
    if (asked && PAGES.includes(asked.type)) this.pace.answered(length, frame.messages?.length ?? 0, Date.now() - asked.at);
  }

  /** A message has no answer yet: whether the line is dead shows by another question, and the person is told. */
  #isUnanswered(id) {
    this.#tellUnanswered(id);
    this.#check();
  }

  #tellUnanswered(id) {
    if (this.#unanswered === id) return;
    this.#unanswered = id;
    this.#tell("unanswered", { since: this.#asked.get(id)?.at ?? null });
  }

  async #check() {
    if (!this.#live) return;
    const socket = this.#socket;
    let began = Date.now();
    let left = socket.bufferedAmount;
    const timer = setInterval(() => {
      if (socket !== this.#socket) return clearInterval(timer);
      // What goes out of the browser's buffer, or comes in, is a sign of life.
      if (socket.bufferedAmount < left || this.#heardAt > began) began = Date.now();
      left = socket.bufferedAmount;
      const isPage = [...this.#asked.values()].some(({ type }) => PAGES.includes(type));
      if (Date.now() - began < (isPage ? ANSWER_MS : SILENCE_MS)) return undefined;
      // A dead network does not close a socket by itself.
      socket.close();
      return this.#lost();
    }, 1000);
    await this.#ask({ type: "ping" }).catch(() => {});
    clearInterval(timer);
  }

  #tell(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}
