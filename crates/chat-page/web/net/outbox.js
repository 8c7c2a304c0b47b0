// Messages that the server has not acknowledged. One of each room is under way at a time, which keeps their order; a
// retry has the same nonce, which makes it harmless. The browser keeps what waits, so it survives the page.

import { isTemporary } from "../model/wire.js";
import * as kept from "./kept.js";

const KEY = "outbox";
/** The most messages that wait. */
const MOST = 1000;
/** How long to wait before a retry, if the server does not say. */
const RETRY_MS = 1000;

export class Outbox {
  /** @type {page.Entry[]} */
  #entries = [];
  /** The rooms of which a message is under way.
   * @type {Set<string>} */
  #underWay = new Set();
  #send;
  #changed;

  /** @param {(frame: wire.Send) => Promise<unknown>} send sends a message, or throws a `wire.Problem`
   * @param {() => void} changed hears of every change */
  constructor(send, changed) {
    this.#send = send;
    this.#changed = changed;
    this.#entries = read();
  }

  /** The number of the person whose messages are sent and shown. Those of others wait until they are back.
   * @type {number | null} */
  owner = null;

  /** @param {page.Entry} entry */
  #own = (entry) => !entry.by || entry.by === this.owner;

  /** What waits or failed in a room, oldest first.
   * @param {string | null} room */
  of(room) {
    return this.#entries.filter((entry) => entry.room === room && this.#own(entry));
  }

  /** How many wait. */
  get waiting() {
    return this.#entries.filter((entry) => !entry.failed && this.#own(entry)).length;
  }

  /** Whether nothing more can be added. */
  get isFull() {
    return this.#entries.length >= MOST;
  }

  /** Adds a message, unless it is full.
   * @param {page.Entry} entry */
  add(entry) {
    if (this.isFull) return;
    entry.by = this.owner;
    this.#entries.push(entry);
    write((all) => [...all, entry]);
    this.#changed();
    this.flush();
  }

  /** Removes a message: the server has it, or the person does not want it any more.
   * @param {string} nonce */
  remove(nonce) {
    const before = this.#entries.length;
    this.#entries = this.#entries.filter((entry) => entry.nonce !== nonce);
    if (this.#entries.length === before) return;
    write((all) => all.filter((entry) => entry.nonce !== nonce));
    this.#changed();
  }

  /** Forgets the owner's messages: they leave. */
  clear() {
    const isOthers = (/** @type {page.Entry} */ entry) => !this.#own(entry);
    this.#entries = this.#entries.filter(isOthers);
    write((all) => all.filter(isOthers));
    this.owner = null;
  }

  /** Tries a failed message again.
   * @param {string} nonce */
  retry(nonce) {
    for (const entry of this.#entries) if (entry.nonce === nonce) delete entry.failed;
    this.#changed();
    this.flush();
  }

  /** Sends the first message of each room that may go. */
  flush() {
    const rooms = new Set(this.#entries.map((entry) => entry.room));
    for (const room of rooms) this.#next(room);
  }

  /** @param {string} room */
  async #next(room) {
    const entry = this.of(room).find((one) => !one.failed);
    if (!entry || this.#underWay.has(room)) return;
    this.#underWay.add(room);
    const { nonce, text, reply_to, files } = entry;
    let isOffline = false;
    try {
      await this.#send({ type: "send", room, nonce, text, reply_to, files: files?.map((file) => file.id) });
      this.remove(nonce);
    } catch (error) {
      const why = /** @type {wire.Problem} */ (error);
      isOffline = why.code === "offline";
      if (!isOffline) await this.#failed(entry, why);
    }
    this.#underWay.delete(room);
    // Without a connection it waits for `flush`.
    if (!isOffline) this.#next(room);
  }

  /** Waits until a message may be tried again, or marks it as failed.
   * @param {page.Entry} entry @param {wire.Problem} why */
  async #failed(entry, { code, message, retry_after_ms }) {
    if (isTemporary(code)) {
      await new Promise((resolve) => setTimeout(resolve, retry_after_ms ?? RETRY_MS));
    } else {
      entry.failed = message;
      this.#changed();
    }
  }
}

/** @returns {page.Entry[]} */
function read() {
  try {
    const all = JSON.parse(kept.get(KEY) ?? "null");
    return Array.isArray(all) ? all.filter((entry) => entry?.nonce && entry.room && (entry.text || entry.files?.length)) : [];
  } catch {
    return [];
  }
}

/** Makes a change to what is kept now, because other tabs write there too.
 * @param {(all: page.Entry[]) => page.Entry[]} change */
const write = (change) => kept.set(KEY, JSON.stringify(change(read())));
