// Commands without a reply yet, by their ids.

/** Commands whose replies may be long. */
const PAGES = ["hello", "history", "join", "rooms", "search"];

/** @typedef {{ type: string, at: number, resolve: (reply: wire.ServerFrame) => void, reject: (why: wire.Problem) => void }} Question */

export class Questions {
  #lastId = 0;
  /** @type {Map<number, Question>} */
  #waiting = new Map();

  /** Adds a command. The promise resolves with its reply, or rejects with a `wire.Problem`.
   * @param {wire.Command} command */
  add({ type }) {
    const id = ++this.#lastId;
    /** @type {Promise<wire.ServerFrame>} */
    const reply = new Promise((resolve, reject) => this.#waiting.set(id, { type, at: Date.now(), resolve, reject }));
    return { id, reply };
  }

  /** Removes and returns the command that a frame answers, or undefined if there is none.
   * @param {number | null | undefined} id */
  take(id) {
    const question = id == null ? undefined : this.#waiting.get(id);
    if (question && id != null) this.#waiting.delete(id);
    return question;
  }

  /** Returns when a command without a reply was sent, or undefined if there is no such command.
   * @param {number} id */
  since(id) {
    return this.#waiting.get(id)?.at;
  }

  /** Returns when the command that this frame answers was sent, if its reply may be long.
   * @param {number | null | undefined} id */
  pageSince(id) {
    const question = id == null ? undefined : this.#waiting.get(id);
    return question && PAGES.includes(question.type) ? question.at : undefined;
  }

  /** Whether a reply that may be long is pending. */
  get isPageDue() {
    return [...this.#waiting.values()].some(({ type }) => PAGES.includes(type));
  }

  /** Ends all commands, because no reply will come.
   * @param {wire.Problem} why */
  fail(why) {
    const all = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const { reject } of all) reject(why);
  }
}
