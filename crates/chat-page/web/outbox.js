// Messages not yet acknowledged. Of each room one is under way at a time, which keeps their order; a retry bears the
// same nonce, which makes it harmless. What waits is kept in the browser and survives the page.

import * as kept from "./kept.js";
import { isTemporary } from "./wire.js";

const KEY = "outbox";
const MOST = 1000;
const RETRY_MS = 1000;

export class Outbox {
  #entries = [];
  #underWay = new Set();
  #send;
  #changed;

  /** `send` sends an entry and answers the reply; `changed` hears of every change. */
  constructor(send, changed) {
    this.#send = send;
    this.#changed = changed;
    this.#entries = read();
  }

  /** Whose messages are sent and shown; those of someone else wait until they are back. */
  owner = null;

  #own = (entry) => !entry.by || entry.by === this.owner;

  /** What waits or failed in a room, oldest first. */
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

  /** Adds a message, unless it is full. */
  add(entry) {
    if (this.isFull) return;
    entry.by = this.owner;
    this.#entries.push(entry);
    write((all) => [...all, entry]);
    this.#changed();
    this.flush();
  }

  /** A message is stored, or not wanted any more. */
  remove(nonce) {
    const before = this.#entries.length;
    this.#entries = this.#entries.filter((entry) => entry.nonce !== nonce);
    if (this.#entries.length === before) return;
    write((all) => all.filter((entry) => entry.nonce !== nonce));
    this.#changed();
  }

  /** Forgets the owner's messages: they have left. */
  clear() {
    const isOthers = (entry) => !this.#own(entry);
    this.#entries = this.#entries.filter(isOthers);
    write((all) => all.filter(isOthers));
    this.owner = null;
  }

  /** Tries a failed message again. */
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

  async #next(room) {
    const entry = this.of(room).find((one) => !one.failed);
    if (!entry || this.#underWay.has(room)) return;
    this.#underWay.add(room);
    try {
      const { nonce, text, reply_to, files } = entry;
      await this.#send({ type: "send", room, nonce, text, reply_to, files: files?.map((file) => file.id) });
      this.remove(nonce);
    } catch (error) {
      if (error.code === "offline") {
        this.#underWay.delete(room);
        return;
      }
      if (isTemporary(error.code)) {
        await new Promise((resolve) => setTimeout(resolve, error.retry_after_ms ?? RETRY_MS));
      } else {
        entry.failed = error.message;
        this.#changed();
      }
    }
    this.#underWay.delete(room);
    this.#next(room);
  }
}

function read() {
  try {
    const all = JSON.parse(kept.get(KEY));
    return Array.isArray(all) ? all.filter((entry) => entry?.nonce && entry.room && (entry.text || entry.files?.length)) : [];
  } catch {
    return [];
  }
}

/** Other tabs write there as well: each change is made to what is there now. */
const write = (change) => kept.set(KEY, JSON.stringify(change(read())));
