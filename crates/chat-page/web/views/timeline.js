// The messages of the room shown. Sticks to the end while the reader is there; scrolled up, nothing moves. Only a
// stretch of what is held is in the document.

import { dayOf } from "../time.js";
import { label } from "../words.js";
import { linkRooms } from "./formatted.js";
import { eventNode, pendingNode } from "./message.js";

/** Most messages in the document, and how many come or go at once. */
const SHOWN = 300;
const STEP = 100;
/** How near the end counts as there, and how near the start asks for more, in pixels. */
const NEAR = 100;
const AHEAD = 600;
/** After how long the same author's name is said again. */
const AGAIN_MS = 5 * 60 * 1000;

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
  #loadNewer;
  #go;
  #isOpen = () => false;
  #me = null;

  constructor({ loadOlder, loadNewer, moved, act, choose, more, react, seek, newest, go }) {
    this.#back = newest;
    this.#loadNewer = loadNewer;
    this.#go = go;
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
      const link = event.target.closest("a.room[href]");
      // With a key held it is a link like any other.
      if (link && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
        event.preventDefault();
        this.#go(link.textContent.slice(1));
      }
    });
    const resized = () => this.#atEnd && this.#toEnd();
    if (globalThis.ResizeObserver) new ResizeObserver(resized).observe(this.#frame);
    else addEventListener("resize", resized);
  }

  get atEnd() {
    return this.#atEnd;
  }

  toNewest() {
    if (this.#room?.apart) this.#back(this.#room);
    this.#last = null;
    this.#atEnd = true;
    // Who asks for the newest has done with what was missed; its divider stays.
    if (this.#room) this.#room.missed = { unread: 0, mentions: 0 };
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
    const kind = document.getElementById("room-kind");
    kind.textContent = room?.kind ?? "";
    kind.hidden = !room || ["public", "direct"].includes(room.kind);
    document.getElementById("room-topic").textContent = room?.topic ?? "";
    this.#pending = pending;
    this.#me = state.me?.name ?? null;
    this.#isOpen = (name) => state.rooms.has(name) || state.others.includes(name);
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
      if (room.divider !== null && item.seq > room.divider && (before ? before.seq <= room.divider : !room.more)) {
        nodes.push(this.#divider("new", "New", "new"));
      }
      const again = before?.type === "message" && before.by.id === item.by.id && item.at - before.at < AGAIN_MS && dayOf(before.at) === dayOf(item.at);
      // With the time: in another history the same seq is another event.
      const node = this.#made(`${item.seq}.${item.version ?? 0}.${item.at}`, () => eventNode(item, room, this.#me));
      node.classList.toggle("again", again);
      nodes.push(node);
    }
    if (end === room.items.length) nodes.push(...this.#pending.map((entry) => this.#pendingNode(entry)));
    this.#replace(nodes);
    linkRooms(this.#list, this.#isOpen);
    this.#older.hidden = !room.loaded || start > 0 || !room.more;
    this.#older.disabled = room.loading;
    this.#begins.hidden = !room.loaded || start > 0 || room.more;
    if (anchor) this.#frame.scrollTop += anchor.node.getBoundingClientRect().top - anchor.top;
    else this.#toEnd();
    this.#pill();
    this.#look();
    // A page that came while the reader stands at the very top: nothing will scroll by itself.
    if (!this.#atEnd && start > 0 && this.#frame.scrollTop < AHEAD) queueMicrotask(() => this.#scrolled());
  }

  /** Shows the message that was jumped to, once. */
  #seek(room) {
    const { sought } = room;
    room.sought = null;
    const at = room.items.findIndex((item) => item.seq === sought);
    if (at < 0) return;
    const after = at + SHOWN / 2;
    this.#last = after < room.items.length ? room.items[after - 1].seq : null;
    this.#atEnd = false;
    this.#left = room.head;
    this.#draw();
    const node = this.#list.querySelector(`[data-seq="${sought}"]`);
    node?.scrollIntoView({ block: "center" });
    node?.classList.add("sought");
    node?.querySelector(".more")?.focus({ preventScroll: true });
    this.#pill();
    this.#look();
  }

  /** What of the missed is in sight is missed no more. */
  #look() {
    const room = this.#room;
    const { missed, seen } = room;
    if (room.divider === null || (!missed.unread && !missed.mentions)) return;
    const { top, bottom } = this.#frame.getBoundingClientRect();
    const isSeen = (node) => {
      const box = node.getBoundingClientRect();
      return box.bottom > top && box.top < bottom;
    };
    const divider = this.#list.querySelector(".divider.new");
    const { unread, mentions } = missed;
    if (divider && isSeen(divider)) missed.unread = 0;
    for (const node of missed.mentions ? this.#list.querySelectorAll(".names-me") : []) {
      const seq = Number(node.dataset.seq);
      if (seq <= room.divider || seen.has(seq) || !isSeen(node)) continue;
      seen.add(seq);
      missed.mentions = Math.max(0, missed.mentions - 1);
    }
    if (missed.unread !== unread || missed.mentions !== mentions) this.#moved();
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

  #pendingNode(entry) {
    const node = this.#made(entry.nonce, () => pendingNode(entry));
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
    const atEnd = this.#last === null && !room.apart && fromEnd < NEAR;
    if (atEnd !== this.#atEnd) {
      this.#atEnd = atEnd;
      this.#left = room.head;
      this.#pill();
      this.#moved();
    }
    this.#look();
    const above = this.#end() - SHOWN;
    if (this.#last !== null && fromEnd < AHEAD) {
      this.#shift(STEP);
    } else if (scrollTop < AHEAD && above > 0) {
      this.#shift(-Math.min(STEP, above));
    } else if (scrollTop < AHEAD && room.more && !room.loading && room.loaded) {
      this.#loadOlder();
    } else if (this.#last === null && room.apart && fromEnd < AHEAD) {
      this.#loadNewer();
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
