// The uploads for the messages that are being written. Each room has its own.

import { sizeOf } from "../model/words.js";
import { upload as send } from "./upload.js";

/** How many files are uploaded at once. The others wait. */
const AT_ONCE = 2;

export class Uploads {
  #limits;
  #changed;
  /** @type {Map<string, page.Upload[]>} */
  #of = new Map();

  /** @param {() => wire.Limits | null} limits @param {() => void} changed hears of every change */
  constructor(limits, changed) {
    this.#limits = limits;
    this.#changed = changed;
  }

  /** Returns the files of a room's message.
   * @param {string | null} room */
  of(room) {
    return (room !== null && this.#of.get(room)) || [];
  }

  /** Whether some files are not uploaded yet.
   * @param {string} room */
  isBusy(room) {
    return this.of(room).some((upload) => !upload.file && !upload.error);
  }

  /** Starts to upload files. Returns what is wrong with some of them, or null.
   * @param {string} room @param {File[]} files */
  add(room, files) {
    const { file_bytes: most = Infinity, files: count = 1 } = this.#limits() ?? {};
    const list = this.of(room);
    const wrong = [];
    const left = [];
    for (const source of files) {
      if (source.size > most) wrong.push(`${source.name} is too large: it has ${sizeOf(source.size)}, and at most ${sizeOf(most)} are allowed.`);
      else if (list.length >= count) left.push(source.name);
      else list.push({ room, source, name: source.name, size: source.size, loaded: 0, error: null, file: null, request: null });
    }
    this.#of.set(room, list);
    this.#next();
    if (left.length) wrong.push(`${count} files fit in one message. Left out: ${left.join(", ")}.`);
    return wrong.join(" ") || null;
  }

  /** Puts back files that are already on the server.
   * @param {string} room @param {wire.File[]} files */
  restore(room, files) {
    const known = files.map((file) => ({ room, name: file.name, size: file.size, loaded: file.size, source: null, error: null, file, request: null }));
    this.#of.set(room, [...this.of(room), ...known]);
    this.#changed();
  }

  /** Removes a file, whether or not it is uploaded.
   * @param {page.Upload} upload */
  remove(upload) {
    this.#of.set(upload.room, this.of(upload.room).filter((one) => one !== upload));
    upload.request?.abort();
    this.#next();
  }

  /** Retries a failed file.
   * @param {page.Upload} upload */
  retry(upload) {
    Object.assign(upload, { error: null, isBroken: false, loaded: 0 });
    this.#next();
  }

  /** Handles a new connection: retries the uploads that broke, once. */
  resume() {
    const broken = [...this.#of.values()].flat().filter((upload) => upload.isBroken && !upload.isTwice);
    for (const upload of broken) this.retry(Object.assign(upload, { isTwice: true }));
  }

  /** Removes and returns the uploaded files, for the message that is being sent.
   * @param {string} room */
  take(room) {
    const files = this.of(room).flatMap(({ file }) => file ?? []);
    this.#of.delete(room);
    this.#changed();
    return files;
  }

  /** Forgets all files, because the person logs out. */
  clear() {
    const all = [...this.#of.values()].flat();
    this.#of.clear();
    for (const { request } of all) request?.abort();
    this.#changed();
  }

  #next() {
    const all = [...this.#of.values()].flat();
    const waiting = all.filter((upload) => !upload.request && !upload.file && !upload.error);
    const underWay = all.filter((upload) => upload.request).length;
    for (const upload of waiting.slice(0, Math.max(0, AT_ONCE - underWay))) this.#send(upload);
    this.#changed();
  }

  /** @param {page.Upload} upload */
  #send(upload) {
    if (!upload.source) return;
    const progress = (/** @type {number} */ share) => {
      upload.loaded = share * upload.size;
      this.#changed();
    };
    upload.request = send(upload.source, upload.name, progress, (outcome) => {
      Object.assign(upload, { request: null }, outcome);
      if (upload.file) upload.loaded = upload.size;
      this.#next();
    });
  }
}
