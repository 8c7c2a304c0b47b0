// Asks the server for all rooms that the person may see: at the start, and when only the server knows their numbers. One
// request runs at a time, and they start a second apart.

const APART_MS = 1000;

export class Lister {
  #state;
  #ask;
  /** The next request, if one is needed.
   * @type {{ promise: Promise<void>, resolve: () => void } | null} */
  #due = null;
  #isRunning = false;
  #isAsking = false;

  /** @param {page.State} state @param {page.Ask} ask */
  constructor(state, ask) {
    this.#state = state;
    this.#ask = ask;
  }

  /** Asks if a frame left numbers that only the server knows, or may have overtaken a pending reply.
   * @param {wire.ServerFrame} frame */
  follow(frame) {
    if (this.#state.isUncounted || (frame.type === "read" && this.#isAsking)) this.list();
  }

  /** Asks now, or after the running request. The promise resolves with the reply. */
  list() {
    if (!this.#due) {
      let resolve = () => {};
      /** @type {Promise<void>} */
      const promise = new Promise((done) => (resolve = done));
      this.#due = { promise, resolve };
    }
    const { promise } = this.#due;
    if (!this.#isRunning) this.#run();
    return promise;
  }

  async #run() {
    this.#isRunning = true;
    while (this.#due) {
      const { resolve } = this.#due;
      this.#due = null;
      const next = new Promise((done) => setTimeout(done, APART_MS));
      this.#isAsking = true;
      this.#state.isUncounted = false;
      await this.#pages();
      this.#isAsking = false;
      resolve();
      await next;
    }
    this.#isRunning = false;
  }

  /** Reads the list page by page. The rooms that the person could join are known when all pages are there. */
  async #pages() {
    /** @type {string[]} */
    const others = [];
    /** @type {string | undefined} */
    let after;
    do {
      /** @type {wire.Rooms | null} */
      const page = await this.#ask({ type: "rooms", after });
      if (!page) return;
      others.push(...page.rooms.filter((room) => !room.joined).map((room) => room.name));
      after = page.more ? page.rooms.at(-1)?.name : undefined;
    } while (after !== undefined);
    this.#state.others = others.filter((name) => !this.#state.rooms.has(name));
  }
}
