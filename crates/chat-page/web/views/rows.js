// The rows of the timeline: one for each line of the room, with dividers between them, and the messages that wait to be
// sent. A row that has not changed stays the same element.

import { dayOf } from "../model/time.js";
import { make, inside } from "./dom.js";
import { eventNode, pendingNode } from "./message.js";

/** How long after a message the next one by the same author is shown without the name, in milliseconds. */
const AGAIN_MS = 5 * 60 * 1000;

/** The rows in the document.
 * @typedef {object} Content
 * @property {page.Room} room
 * @property {page.RoomView} view
 * @property {string | null} me the person's name
 * @property {number} start the place of the first line among the room's items
 * @property {number} end the place after the last one
 * @property {page.Entry[]} pending
 */

export class Rows {
  #list;
  /** @type {Map<string, HTMLElement>} */
  #nodes = new Map();

  /** @param {HTMLElement} list */
  constructor(list) {
    this.#list = list;
  }

  clear() {
    this.#nodes.clear();
    this.#list.replaceChildren();
  }

  /** @param {Content} content */
  render(content) {
    const { room, start, end, pending } = content;
    /** @type {HTMLElement[]} */
    const nodes = [];
    for (let at = start; at < end; at++) nodes.push(...this.#at(at, content));
    if (end === room.items.length) nodes.push(...pending.map((entry) => this.#pending(entry)));
    this.#replace(nodes);
  }

  /** Scrolls to a message, and marks it.
   * @param {wire.Seq} seq */
  mark(seq) {
    const node = this.#list.querySelector(`[data-seq="${seq}"]`);
    node?.scrollIntoView({ block: "center" });
    node?.classList.add("sought");
    const more = node?.querySelector(".more");
    if (more instanceof HTMLElement) more.focus({ preventScroll: true });
  }

  /** Returns the row of a line, after the dividers that belong above it.
   * @param {number} at @param {Content} content */
  #at(at, { room, view, me }) {
    const before = room.items[at - 1];
    const item = room.items[at];
    if (!item) return [];
    const nodes = [];
    const isNewDay = !before || dayOf(before.at) !== dayOf(item.at);
    if (isNewDay) nodes.push(this.#divider(`day-${item.seq}`, dayOf(item.at), "day"));
    const isFirstNew = view.divider !== null && item.seq > view.divider && (before ? before.seq <= view.divider : !room.more);
    if (isFirstNew) nodes.push(this.#divider("new", "New", "new"));
    // The key includes the time, because in another history the same seq is another event.
    const node = this.#made(`${item.seq}.${item.version ?? 0}.${item.at}`, () => eventNode(item, room, me));
    node.classList.toggle("again", before?.type === "message" && before.by.id === item.by.id && item.at - before.at < AGAIN_MS && !isNewDay);
    nodes.push(node);
    return nodes;
  }

  /** Replaces the list's children, and only touches those that differ.
   * @param {HTMLElement[]} nodes */
  #replace(nodes) {
    const keep = new Set(nodes);
    for (const child of [...this.#list.children]) if (child instanceof HTMLElement && !keep.has(child)) child.remove();
    nodes.forEach((node, at) => {
      if (this.#list.children[at] !== node) this.#list.insertBefore(node, this.#list.children[at] ?? null);
    });
    for (const [key, node] of this.#nodes) if (!keep.has(node)) this.#nodes.delete(key);
  }

  /** @param {string} key @param {() => HTMLElement} makeNode */
  #made(key, makeNode) {
    const node = this.#nodes.get(key) ?? makeNode();
    this.#nodes.set(key, node);
    return node;
  }

  /** @param {string} key @param {string} words @param {string} kind */
  #divider(key, words, kind) {
    return this.#made(key, () => make("li", words, `divider ${kind}`));
  }

  /** @param {page.Entry} entry */
  #pending(entry) {
    const node = this.#made(entry.nonce, () => pendingNode(entry));
    node.classList.toggle("failed", Boolean(entry.failed));
    const why = entry.failed ? `Not sent: ${entry.failed}` : "";
    const told = inside(node, ".why");
    // Setting the same text again would announce it again.
    if (told.textContent !== why) told.textContent = why;
    return node;
  }
}
