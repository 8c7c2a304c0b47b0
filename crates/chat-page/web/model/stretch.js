// Which of a room's lines are in the document: a stretch of limited length that follows the newest line, or stays in place
// while the reader is further up.

/** The maximum number of lines in the document. */
const SHOWN = 300;
/** How many lines are added or removed at once. */
const STEP = 100;

export class Stretch {
  /** The last line of a stretch that stays in place. Null if it follows the newest.
   * @type {wire.Seq | null} */
  #last = null;

  get followsNewest() {
    return this.#last === null;
  }

  follow() {
    this.#last = null;
  }

  /** Returns the indexes of the first line and of the one after the last.
   * @param {page.Item[]} items */
  range(items) {
    const end = this.#end(items);
    return { start: Math.max(0, end - SHOWN), end };
  }

  /** Puts a line into the middle.
   * @param {page.Item[]} items @param {number} at */
  center(items, at) {
    this.#endAt(items, at + SHOWN / 2);
  }

  /** Whether lines above are held but not in the document.
   * @param {page.Item[]} items */
  hasAbove(items) {
    return this.range(items).start > 0;
  }

  /** @param {page.Item[]} items */
  moveUp(items) {
    this.#endAt(items, this.#end(items) - Math.min(STEP, this.range(items).start));
  }

  /** @param {page.Item[]} items */
  moveDown(items) {
    this.#endAt(items, this.#end(items) + STEP);
  }

  /** @param {page.Item[]} items */
  #end(items) {
    let end = items.length;
    while (this.#last !== null && end > 0 && (items[end - 1]?.seq ?? 0) > this.#last) end--;
    return end;
  }

  /** @param {page.Item[]} items @param {number} end */
  #endAt(items, end) {
    this.#last = end < items.length ? items[end - 1]?.seq ?? null : null;
  }
}
