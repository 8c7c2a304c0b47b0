// Messages that the server has not acknowledged. One message of each room is in flight at a time, which keeps their order.
// A retry has the same idempotency key, which makes it harmless. The browser stores what waits, so it survives the page.

import { isTemporary } from "../model/wire.js";
import * as kept from "./kept.js";

const KEY = "outbox";
/** The maximum number of waiting messages. */
const MOST = 1000;
/** How long to wait before a retry if the server does not say, in milliseconds. */
const RETRY_MS = 1000;

export class Outbox {
  /** @type {page.Entry[]} */
  #entries = [];
  /** The rooms with a message in flight.
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

  /** The id of the user whose messages are sent and shown. Other users' messages wait until they log in again.
   * @type {number | null} */
  owner = null;

  /** @param {page.Entry} entry */
  #own = (entry) => !entry.by || entry.by === this.owner;

  /** Returns the waiting and failed messages of a room, oldest first.
   * @param {string | null} room */
  of(room) {
    return this.#entries.filter((entry) => entry.room === room && this.#own(entry));
  }

  /** Returns how many messages wait. */
  get waiting() {
    return this.#entries.filter((entry) => !entry.failed && this.#own(entry)).length;
  }

  /** Whether nothing more can be added. */
  get isFull() {
    return this.#entries.length >= MOST;
  }

  /** Adds a message, unless the outbox is full.
   * @param {page.Entry} entry */
  add(entry) {
    if (this.isFull) return;
    entry.by = this.owner;
    this.#entries.push(entry);
    write((all) => [...all, entry]);
    this.#changed();
    this.flush();
  }

  /** Removes a message, because the server has it or the person withdrew it.
   * @param {string} nonce */
  remove(nonce) {
    const before = this.#entries.length;
    this.#entries = this.#entries.filter((entry) => entry.nonce !== nonce);
    if (this.#entries.length === before) return;
    write((all) => all.filter((entry) => entry.nonce !== nonce));
    this.#changed();
  }

  /** Forgets the owner's messages, because they log out. */
  clear() {
    const isOthers = (/** @type {page.Entry} */ entry) => !this.#own(entry);
    this.#entries = this.#entries.filter(isOthers);
    write((all) => all.filter(isOthers));
    this.owner = null;
  }

  /** Retries a failed message.
   * @param {string} nonce */
  retry(nonce) {
    for (const entry of this.#entries) if (entry.nonce === nonce) delete entry.failed;
    this.#changed();
    this.flush();
  }

  /** Sends the first message of each room that may be sent now. */
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
    // Without a connection, it waits for `flush`.
    if (!isOffline) this.#next(room);
  }

  /** Waits until a message may be retried, or marks it as failed.
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

/** Applies a change to what is stored now, because other tabs write there too.
 * @param {(all: page.Entry[]) => page.Entry[]} change */
const write = (change) => kept.set(KEY, JSON.stringify(change(read())));
