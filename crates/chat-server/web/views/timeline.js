// The messages of the room shown. Sticks to the end while the reader is there; scrolled up, nothing moves. Only a
// stretch of what is held is in the document.

import { dayOf, minuteOf, wholeOf } from "../time.js";
import { label, told } from "../words.js";

/** Most messages in the document, and how many come or go at once. */
const SHOWN = 300;
const STEP = 100;
/** How near the end counts as there, and how near the start asks for more, in pixels. */
const NEAR = 100;
const AHEAD = 600;
/** After how long the same author's name is said again. */
const AGAIN_MS = 5 * 60 * 1000;
const LINK = /\bhttps?:\/\/[^\s<>"]+[^\s<>".,;:!?)\]}']/g;

const messageTemplate = document.getElementById("message-template");
const pendingTemplate = document.getElementById("pending-template");

export class Timeline {
  #frame = document.getElementById("timeline");
  #list = document.getElementById("messages");
  #older = document.getElementById("older");
  #begins = document.getElementById("begins");
  #newest = document.getElementById("newest");
  #room = null;
  #nodes = new Map();
  /** The last message in the document, where the reader is too far up for the newest to be there; else null. */
  #last = null;
  #atEnd = true;
  /** The head when the reader left the end: what is newer is "new below". */
  #left = 0;
  #pending = [];
  #loadOlder;
  #moved;
  #back;
  #me = null;

  constructor({ loadOlder, moved, act, choose, more, react, seek, newest }) {
    this.#back = newest;
    this.#loadOlder = loadOlder;
    this.#moved = moved;
    this.#frame.addEventListener("scroll", () => this.#scrolled(), { passive: true });
    this.#older.addEventListener("click", () => loadOlder());
    this.#newest.addEventListener("click", () => this.toNewest());
    this.#list.addEventListener("click", (event) => {
      const what = event.target.dataset?.act;
      const nonce = event.target.closest("[data-nonce]")?.dataset.nonce;
      if (what && nonce) act(what, nonce);
      const name = event.target.closest(".message .name");
      if (name) choose(name, name.textContent);
      const seq = Number(event.target.closest("[data-seq]")?.dataset.seq);
      const item = this.#room?.items.find((one) => one.seq === seq);
      const button = event.target.closest("button");
      if (item && button?.className === "more") more(button, item);
      if (item && button?.className === "reaction") react(item, button.dataset.emoji);
      const quoted = Number(event.target.closest(".quote")?.dataset.target);
      if (quoted) seek(quoted);
    });
    new ResizeObserver(() => this.#atEnd && this.#toEnd()).observe(this.#frame);
  }

  get atEnd() {
    return this.#atEnd;
  }

  toNewest() {
    if (this.#room?.apart) this.#back(this.#room);
    this.#last = null;
    this.#atEnd = true;
    if (this.#room) this.#draw();
    this.#toEnd();
    this.#moved();
  }

  render(state, pending) {
    const room = state.rooms.get(state.current) ?? null;
    if (room !== this.#room) {
      this.#room = room;
      this.#nodes.clear();
      this.#list.replaceChildren();
      this.#last = null;
      this.#atEnd = true;
    }
    document.getElementById("room-name").textContent = room ? label(room) : "";
    document.getElementById("room-private").hidden = room?.kind !== "private";
    document.getElementById("room-topic").textContent = room?.topic ?? "";
    this.#pending = pending;
    this.#me = state.me?.name ?? null;
    if (room) this.#draw();
    if (room?.sought) this.#seek(room);
  }

  #draw() {
    const room = this.#room;
    const anchor = this.#atEnd ? null : this.#anchor();
    const end = this.#end();
    const start = Math.max(0, end - SHOWN);
    const nodes = [];
    for (let at = start; at < end; at++) {
      const [before, item] = [room.items[at - 1], room.items[at]];
      if (!before || dayOf(before.at) !== dayOf(item.at)) nodes.push(this.#divider(`day-${item.seq}`, dayOf(item.at), "day"));
      if (room.divider !== null && item.seq > room.divider && before && before.seq <= room.divider) {
        nodes.push(this.#divider("new", "New", "new"));
      }
      const again = before?.type === "message" && before.by.id === item.by.id && item.at - before.at < AGAIN_MS && dayOf(before.at) === dayOf(item.at);
      const node = this.#node(item);
      node.classList.toggle("again", again);
      nodes.push(node);
    }
    if (end === room.items.length) nodes.push(...this.#pending.map((entry) => this.#pendingNode(entry)));
    this.#replace(nodes);
    this.#older.hidden = !room.loaded || start > 0 || !room.more;
    this.#older.disabled = room.loading;
    this.#begins.hidden = !room.loaded || start > 0 || room.more;
    if (anchor) this.#frame.scrollTop += anchor.node.getBoundingClientRect().top - anchor.top;
    else this.#toEnd();
    this.#pill();
    // A page that came while the reader stands at the very top: nothing will scroll by itself.
    if (!this.#atEnd && start > 0 && this.#frame.scrollTop < AHEAD) queueMicrotask(() => this.#scrolled());
  }

  /** Shows the message that was jumped to, once. */
  #seek(room) {
    const { sought } = room;
    room.sought = null;
    const at = room.items.findIndex((item) => item.seq === sought);
    if (at < 0) return;
    this.#atEnd = false;
    this.#left = room.head;
    this.#draw();
    const node = this.#list.querySelector(`[data-seq="${sought}"]`);
    node?.scrollIntoView({ block: "center" });
    node?.classList.add("sought");
    node?.querySelector(".more")?.focus({ preventScroll: true });
    this.#pill();
  }

  /** How many of the messages held are up to the last one in the document. */
  #end() {
    const { items } = this.#room;
    return this.#last === null ? items.length : items.findLastIndex((item) => item.seq <= this.#last) + 1;
  }

  /** Moves the stretch in the document by some messages. */
  #shift(by) {
    const { items } = this.#room;
    const end = Math.min(items.length, this.#end() + by);
    this.#last = end < items.length ? items[end - 1].seq : null;
    this.#draw();
  }

  /** Makes the list's children these, touching only what differs. */
  #replace(nodes) {
    const keep = new Set(nodes);
    for (const child of [...this.#list.children]) if (!keep.has(child)) child.remove();
    nodes.forEach((node, at) => {
      if (this.#list.children[at] !== node) this.#list.insertBefore(node, this.#list.children[at] ?? null);
    });
    for (const [key, node] of this.#nodes) if (!keep.has(node)) this.#nodes.delete(key);
  }

  /** The first message in sight, to be kept where it is; dividers come and go. */
  #anchor() {
    const { top } = this.#frame.getBoundingClientRect();
    const node = [...this.#list.querySelectorAll("[data-seq]")].find((child) => child.getBoundingClientRect().bottom > top);
    return node ? { node, top: node.getBoundingClientRect().top } : null;
  }

  #made(key, make) {
    let node = this.#nodes.get(key);
    if (!node) this.#nodes.set(key, (node = make()));
    return node;
  }

  #divider(key, words, kind) {
    return this.#made(key, () => {
      const li = document.createElement("li");
      li.className = `divider ${kind}`;
      li.textContent = words;
      return li;
    });
  }

  #node(item) {
    return this.#made(`${item.seq}.${item.version ?? 0}`, () => {
      if (item.type !== "message") {
        const li = document.createElement("li");
        li.className = "told";
        li.dir = "auto";
        li.textContent = told(item);
        return li;
      }
      const li = messageTemplate.content.firstElementChild.cloneNode(true);
      li.dataset.seq = item.seq;
      const avatar = li.querySelector(".avatar");
      avatar.textContent = [...item.by.name][0]?.toUpperCase() ?? "";
      avatar.classList.add(`c${item.by.id % 6}`);
      const name = li.querySelector(".name");
      name.textContent = item.by.name;
      name.classList.add(`c${item.by.id % 6}`);
      const time = li.querySelector("time");
      time.dateTime = new Date(item.at).toISOString();
      time.textContent = minuteOf(item.at);
      time.title = wholeOf(item.at);
      const text = li.querySelector(".text");
      if (item.deleted) {
        text.textContent = "This message was deleted.";
        li.classList.add("deleted");
        li.querySelector(".more").remove();
      } else {
        text.append(...withLinks(item.text, item.mentions));
      }
      if (item.mentions?.includes(this.#me)) li.classList.add("names-me");
      if (item.reply_to) text.before(this.#quote(item.reply_to));
      const below = li.querySelector(".below");
      const marks = [item.pinned ? "pinned" : "", item.edited_at ? "edited" : ""].filter(Boolean).join(", ");
      if (marks) below.append(marks);
      below.append(...(item.reactions ?? []).map((reaction) => this.#reaction(reaction)));
      return li;
    });
  }

  /** The message that is answered, in a line. */
  #quote(seq) {
    const quoted = this.#room.items.find((item) => item.seq === seq);
    const button = document.createElement("button");
    button.type = "button";
    button.className = "quote";
    button.dir = "auto";
    button.dataset.target = seq;
    const words = quoted ? `${quoted.by.name}: ${quoted.deleted ? "deleted" : quoted.text}` : "an earlier message";
    button.textContent = `↳ ${[...words].slice(0, 120).join("")}`;
    return button;
  }

  #reaction({ emoji, count, users }) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "reaction";
    button.dataset.emoji = emoji;
    button.textContent = `${emoji} ${count}`;
    button.setAttribute("aria-pressed", String(users.includes(this.#me)));
    const who = users.join(", ") + (count > users.length ? ` and ${count - users.length} more` : "");
    button.title = who;
    button.setAttribute("aria-label", `${emoji}, ${who}`);
    return button;
  }

  #pendingNode(entry) {
    const node = this.#made(entry.nonce, () => {
      const li = pendingTemplate.content.firstElementChild.cloneNode(true);
      li.dataset.nonce = entry.nonce;
      li.querySelector(".text").append(...withLinks(entry.text));
      return li;
    });
    node.classList.toggle("failed", Boolean(entry.failed));
    const why = entry.failed ? `Not sent: ${entry.failed}` : "";
    if (node.querySelector(".why").textContent !== why) node.querySelector(".why").textContent = why;
    return node;
  }

  #scrolled() {
    const { scrollTop, scrollHeight, clientHeight } = this.#frame;
    const room = this.#room;
    if (!room) return;
    const fromEnd = scrollHeight - scrollTop - clientHeight;
    const atEnd = this.#last === null && fromEnd < NEAR;
    if (atEnd !== this.#atEnd) {
      this.#atEnd = atEnd;
      this.#left = room.head;
      this.#pill();
      this.#moved();
    }
    const above = this.#end() - SHOWN;
    if (this.#last !== null && fromEnd < AHEAD) {
      this.#shift(STEP);
    } else if (scrollTop < AHEAD && above > 0) {
      this.#shift(-Math.min(STEP, above));
    } else if (scrollTop < AHEAD && room.more && !room.loading && room.loaded) {
      this.#loadOlder();
    }
  }

  #pill() {
    const room = this.#room;
    const news = room.items.filter((item) => item.type === "message" && item.seq > this.#left).length;
    this.#newest.hidden = this.#atEnd;
    this.#newest.textContent = news ? `↓ ${news} new` : "↓ Newest";
  }

  #toEnd() {
    this.#frame.scrollTop = this.#frame.scrollHeight;
  }
}

/** The text as nodes, with web addresses as links and the names it addresses as such. */
function withLinks(text, mentions = []) {
  return linked(text).flatMap((node) => (typeof node === "string" && mentions.length ? named(node, mentions) : [node]));
}

function named(text, mentions) {
  const nodes = [];
  let at = 0;
  for (const { 0: whole, index } of text.matchAll(/@[\p{L}\p{N}\p{M}._-]+/gu)) {
    const name = whole.slice(1).replace(/[.-]+$/, "");
    if (!mentions.includes(name.toLowerCase().normalize("NFKC"))) continue;
    const mark = document.createElement("span");
    mark.className = "mention";
    mark.textContent = `@${name}`;
    nodes.push(text.slice(at, index), mark);
    at = index + 1 + name.length;
  }
  nodes.push(text.slice(at));
  return nodes;
}

function linked(text) {
  const nodes = [];
  let at = 0;
  for (const { 0: url, index } of text.matchAll(LINK)) {
    const link = document.createElement("a");
    link.href = url;
    link.textContent = url;
    link.target = "_blank";
    link.rel = "noopener noreferrer nofollow ugc";
    nodes.push(text.slice(at, index), link);
    at = index + url.length;
  }
  nodes.push(text.slice(at));
  return nodes;
}
