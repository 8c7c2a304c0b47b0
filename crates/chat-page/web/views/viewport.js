// Where the reader is in the timeline.

/** The distance from the end that counts as being at the end, in pixels. */
const NEAR = 100;
/** The distance from an end of the document at which more is loaded, in pixels. */
const AHEAD = 600;

/** A row, and its position in the window.
 * @typedef {{ node: Element, top: number }} Anchor */

export class Viewport {
  #frame;
  #list;

  /** @param {HTMLElement} frame what scrolls @param {HTMLElement} list the rows in it */
  constructor(frame, list) {
    this.#frame = frame;
    this.#list = list;
  }

  /** @param {() => void} resized */
  onResize(resized) {
    if (globalThis.ResizeObserver) new ResizeObserver(resized).observe(this.#frame);
    else addEventListener("resize", resized);
  }

  get #below() {
    return this.#frame.scrollHeight - this.#frame.scrollTop - this.#frame.clientHeight;
  }

  get isAtEnd() {
    return this.#below < NEAR;
  }

  get isNearEnd() {
    return this.#below < AHEAD;
  }

  get isNearTop() {
    return this.#frame.scrollTop < AHEAD;
  }

  toEnd() {
    this.#frame.scrollTop = this.#frame.scrollHeight;
  }

  /** Returns the first visible message. Dividers do not count, because they come and go.
   * @returns {Anchor | null} */
  anchor() {
    const { top } = this.#frame.getBoundingClientRect();
    const node = [...this.#list.querySelectorAll("[data-seq]")].find((child) => child.getBoundingClientRect().bottom > top);
    return node ? { node, top: node.getBoundingClientRect().top } : null;
  }

  /** Scrolls so that a row is where it was before rows above it were added or removed.
   * @param {Anchor} anchor */
  keep({ node, top }) {
    this.#frame.scrollTop += node.getBoundingClientRect().top - top;
  }
}
