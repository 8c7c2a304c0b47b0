// A text area that is as high as its text.

export class TextField {
  #area;

  /** @param {HTMLTextAreaElement} area */
  constructor(area) {
    this.#area = area;
  }

  get value() {
    return this.#area.value;
  }

  set value(text) {
    this.#area.value = text;
    this.grow();
  }

  focus() {
    this.#area.focus();
  }

  /** Adapts the height to the text. */
  grow() {
    this.#area.style.height = "auto";
    this.#area.style.height = `${this.#area.scrollHeight + 2}px`;
  }

  /** Shows what the text is for.
   * @param {HTMLElement} label @param {string} words @param {boolean} isMuted whether it could not be sent */
  describe(label, words, isMuted) {
    if (this.#area.placeholder === words) return;
    label.textContent = words;
    this.#area.placeholder = words;
    this.#area.classList.toggle("muted", isMuted);
  }
}
