// Where the reader is in the timeline.

/** How near the end counts as there, in pixels. */
const NEAR = 100;
/** How near an end of what is in the document more of it is wanted, in pixels. */
const AHEAD = 600;

/** A row, and where it was in the window.
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

  /** The first message in sight. Dividers come and go.
   * @returns {Anchor | null} */
  anchor() {
    const { top } = this.#frame.getBoundingClientRect();
    const node = [...this.#list.querySelectorAll("[data-seq]")].find((child) => child.getBoundingClientRect().bottom > top);
    return node ? { node, top: node.getBoundingClientRect().top } : null;
  }

  /** Puts a row where it was before rows above it came or went.
   * @param {Anchor} anchor */
  keep({ node, top }) {
    this.#frame.scrollTop += node.getBoundingClientRect().top - top;
  }
}
