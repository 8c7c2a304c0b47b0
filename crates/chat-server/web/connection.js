// The socket: says hello, answers questions by id, and after any break comes back with exponential back-off and
// full jitter. What frames mean is not known here.

const FIRST_MS = 500;
const LONGEST_MS = 30_000;
/** How long nothing may be heard: the server pings, but a page does not see that, so it asks itself. */
const ASK_EVERY_MS = 30_000;
const SILENCE_MS = 20_000;

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
    socket.onopen = () => this.#ask(this.#hello());
    socket.onmessage = ({ data }) => {
      const frame = this.#read(JSON.parse(data));
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
      this.#asked.set(id, { resolve, reject, hello: frame.type === "hello" });
      this.#socket.send(JSON.stringify({ ...frame, id }));
    }).catch((error) => {
      if (frame.type !== "hello") throw error;
    });
  }

  #hear(frame) {
    const asked = frame.id == null ? null : this.#asked.get(frame.id);
    if (asked) this.#asked.delete(frame.id);
    if (frame.type === "welcome") {
      this.#live = true;
      this.#failures = 0;
    }
    if (frame.type === "goodbye") this.#goodbye = frame;
    if (asked?.hello && frame.type === "error") {
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
  }

  async #check() {
    if (!this.#live) return;
    const socket = this.#socket;
    const timer = setTimeout(() => {
      // A dead network does not close a socket by itself.
      if (socket === this.#socket) {
        socket.close();
        this.#lost();
      }
    }, SILENCE_MS);
    await this.#ask({ type: "ping" }).catch(() => {});
    clearTimeout(timer);
  }

  #tell(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}
