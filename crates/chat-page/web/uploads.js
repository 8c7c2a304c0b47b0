// Files on their way to the server, for the message that is being written. Each room has its own.

import { loginHeader } from "./accounts.js";
import { noAnswer, ofAnswer } from "./causes.js";
import { sizeOf } from "./words.js";

/** How many go at once; the others wait. */
const AT_ONCE = 2;

export class Uploads {
  #state;
  #changed;
  #of = new Map();

  /** `changed` hears of every change. */
  constructor(state, changed) {
    this.#state = state;
    this.#changed = changed;
  }

  /** The files of a room's message: `{ name, size, loaded, error, file }`, `file` once it is there. */
  of(room) {
    return this.#of.get(room) ?? [];
  }

  /** Whether some are not there yet. */
  isBusy = (room) => this.of(room).some((upload) => !upload.file && !upload.error);

  /** Begins to upload; answers what is wrong with some of them, if anything. */
  add(room, files) {
    const { file_bytes: most = Infinity, files: count = 1 } = this.#state.limits ?? {};
    const list = this.of(room);
    const wrong = [];
    for (const source of files) {
      if (source.size > most) wrong.push(`${source.name} has ${sizeOf(source.size)}; a file has at most ${sizeOf(most)} here.`);
      else if (list.length >= count) wrong.push(`A message has at most ${count} files: ${source.name} is left out.`);
      else list.push({ room, source, name: source.name, size: source.size, loaded: 0, error: null, file: null, request: null });
    }
    this.#of.set(room, list);
    this.#next();
    return wrong.join(" ") || null;
  }

  /** Puts files back that are on the server already. */
  restore(room, files) {
    const known = files.map((file) => ({ room, name: file.name, size: file.size, loaded: file.size, error: null, file, request: null }));
    this.#of.set(room, [...this.of(room), ...known]);
    this.#changed();
  }

  /** Takes one away, whether it is there or on its way. */
  remove(upload) {
    this.#of.set(upload.room, this.of(upload.room).filter((one) => one !== upload));
    upload.request?.abort();
    this.#next();
  }

  /** Tries one again that failed. */
  retry(upload) {
    Object.assign(upload, { error: null, isBroken: false, loaded: 0 });
    this.#next();
  }

  /** The connection is back: what it broke is tried again, once. */
  resume() {
    const broken = [...this.#of.values()].flat().filter((upload) => upload.isBroken && !upload.isTwice);
    for (const upload of broken) this.retry(Object.assign(upload, { isTwice: true }));
  }

  /** What the message bears: those that are there. The room has none any more. */
  take(room) {
    const files = this.of(room).map((upload) => upload.file).filter(Boolean);
    this.#of.delete(room);
    this.#changed();
    return files;
  }

  /** Forgets all of it: someone else is here. */
  clear() {
    const all = [...this.#of.values()].flat();
    this.#of.clear();
    for (const { request } of all) request?.abort();
    this.#changed();
  }

  #next() {
    const all = [...this.#of.values()].flat();
    const waiting = all.filter((upload) => !upload.request && !upload.file && !upload.error);
    const under = all.filter((upload) => upload.request).length;
    for (const upload of waiting.slice(0, Math.max(0, AT_ONCE - under))) this.#send(upload);
    this.#changed();
  }

  #send(upload) {
    const request = new XMLHttpRequest();
    const form = new FormData();
    form.append("file", upload.source, upload.name);
    const ended = (outcome) => {
      Object.assign(upload, { request: null }, outcome);
      this.#next();
    };
    request.upload.onprogress = ({ loaded, total }) => {
      upload.loaded = total ? (loaded / total) * upload.size : 0;
      this.#changed();
    };
    request.onload = () => {
      const answer = request.response;
      if (request.status === 200 && answer?.id) ended({ file: answer, loaded: upload.size, source: null });
      else ended({ error: ofAnswer(request.status, answer, request.getResponseHeader("retry-after")).message });
    };
    // A refusal that does not wait for the whole file looks the same to a browser.
    request.onerror = () => ended({ error: `The upload broke off. ${navigator.onLine === false ? noAnswer() : "The connection was lost, or something in front of the server takes less at once."}`, isBroken: true });
    request.onabort = () => ended({ error: "The upload was stopped." });
    request.open("POST", "/api/files");
    request.responseType = "json";
    for (const [name, value] of Object.entries(loginHeader())) request.setRequestHeader(name, value);
    upload.request = request;
    request.send(form);
  }
}
