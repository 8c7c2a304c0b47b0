// Asks the server for all rooms one may see: at the start, and for their numbers when only the server knows them. One
// question is under way at a time, and they begin a second apart.

const APART_MS = 1000;

export class Lister {
  #state;
  #ask;
  /** The question to be asked next: `{ promise, resolve }`. */
  #due = null;
  #isRunning = false;
  #isAsking = false;

  /** `ask` asks a frame and answers its reply, or null. */
  constructor(state, ask) {
    this.#state = state;
    this.#ask = ask;
  }

  /** Asks if a frame left numbers behind that only the server knows, or may have overtaken an answer that is on its way. */
  follow(frame) {
    if (this.#state.isUncounted || (frame.type === "read" && this.#isAsking)) this.list();
  }

  /** Asks now, or when the question under way is answered. The promise ends when this one was. */
  list() {
    if (!this.#due) {
      let resolve;
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
      const next = new Promise((resolve) => setTimeout(resolve, APART_MS));
      this.#isAsking = true;
      this.#state.isUncounted = false;
      await this.#pages();
      this.#isAsking = false;
      resolve();
      await next;
    }
    this.#isRunning = false;
  }

  /** Reads the list page by page; the rooms one could join are known when all are there. */
  async #pages() {
    const others = [];
    let after;
    do {
      const page = await this.#ask({ type: "rooms", after });
      if (!page) return;
      others.push(...page.rooms.filter((room) => !room.joined).map((room) => room.name));
      after = page.more ? page.rooms.at(-1)?.name : undefined;
    } while (after !== undefined);
    this.#state.others = others.filter((name) => !this.#state.rooms.has(name));
  }
}
