// Where one writes. Never disabled: what is written while offline waits.

const TYPING_EVERY_MS = 3000;

export class Composer {
  #form = document.getElementById("composer");
  #text = document.getElementById("composer-text");
  #label = document.getElementById("composer-label");
  #note = document.getElementById("composer-note");
  #told = 0;
  #room = null;

  constructor({ send, typing, escape }) {
    const submit = () => {
      if (!this.#text.value.trim()) return;
      const refused = send(this.#text.value);
      this.note(refused ?? "");
      if (!refused) this.set("");
      this.#text.focus();
    };
    this.#form.addEventListener("submit", (event) => {
      event.preventDefault();
      submit();
    });
    this.#text.addEventListener("keydown", (event) => {
      // 229: an input method is composing, and this Enter is its own.
      if (event.isComposing || event.keyCode === 229) return;
      const touch = matchMedia("(pointer: coarse)").matches;
      if (event.key === "Enter" && !event.shiftKey && !touch) {
        event.preventDefault();
        submit();
      } else if (event.key === "Escape") {
        escape();
      }
    });
    this.#text.addEventListener("input", () => {
      this.#grow();
      this.note("");
      const { value } = this.#text;
      if (value && !value.startsWith("/") && Date.now() - this.#told > TYPING_EVERY_MS) {
        this.#told = Date.now();
        typing();
      }
    });
  }

  /** Shows the draft of another room, and keeps this one's. */
  show(state) {
    if (this.#room === state.current) return;
    const before = state.rooms.get(this.#room);
    if (before) before.draft = this.#text.value;
    this.#room = state.current;
    const room = state.rooms.get(state.current);
    this.#label.textContent = room ? `Message to #${room.name}` : "Message";
    this.#text.placeholder = room ? `Message to #${room.name}` : "Message";
    this.set(room?.draft ?? "");
    this.note("");
  }

  set(text) {
    this.#text.value = text;
    this.#told = 0;
    this.#grow();
  }

  focus() {
    this.#text.focus();
  }

  /** A word to the person, below the text. */
  note(text) {
    this.#note.textContent = text;
  }

  #grow() {
    this.#text.style.height = "auto";
    this.#text.style.height = `${this.#text.scrollHeight + 2}px`;
  }
}
