// Where one writes. Never disabled: what is written while offline waits.

import { complete } from "../complete.js";
import { emoji } from "../emoji.js";
import { gist, label, mutedWords } from "../words.js";

const TYPING_EVERY_MS = 3000;

export class Composer {
  #form = document.getElementById("composer");
  #text = document.getElementById("composer-text");
  #label = document.getElementById("composer-label");
  #note = document.getElementById("composer-note");
  #told = 0;
  #room = null;
  #state = null;
  #completion = null;
  #about = null;
  #emoji = [];
  #send;
  #hold;
  /** Whether it goes as soon as its files are there. */
  #waits = false;

  constructor(state, { send, hold, typing, escape }) {
    this.#state = state;
    this.#send = send;
    this.#hold = hold;
    const submit = () => this.#submit();
    document.getElementById("about-off").addEventListener("click", () => this.about(null));
    document.querySelector(".skip").addEventListener("click", (event) => {
      // Not through the address, which names a room.
      event.preventDefault();
      this.focus();
    });
    emoji().then((list) => (this.#emoji = list));
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
        if (this.#about) {
          if (this.#about.edit) this.set("");
          this.about(null);
        } else {
          escape();
        }
      } else if (event.key === "Tab" && !event.altKey && !event.ctrlKey && this.#complete(event.shiftKey)) {
        // Where there is nothing to complete, Tab goes on as everywhere.
        event.preventDefault();
      }
      if (event.key !== "Tab" && event.key !== "Shift") this.#completion = null;
    });
    this.#text.addEventListener("input", () => {
      this.#grow();
      this.#waits = false;
      this.note("");
      const { value } = this.#text;
      if (value && !value.startsWith("/") && Date.now() - this.#told > TYPING_EVERY_MS) {
        this.#told = Date.now();
        typing();
      }
    });
  }

  #submit() {
    const { value } = this.#text;
    const { wait, wrong, isEmpty } = this.#hold(value);
    this.#waits = Boolean(wait);
    if (wait || wrong) return this.note(wait ?? wrong, Boolean(wrong));
    if (isEmpty) return;
    const refused = this.#send(value);
    this.note(refused ?? "", true);
    if (!refused) this.set("");
    this.#text.focus();
  }

  /** Goes on with what waits for its files. */
  goOn() {
    if (this.#waits) this.#submit();
  }

  /** Shows the draft of another room, and keeps this one's. */
  show(state) {
    if (this.#room === state.current) return;
    const before = state.rooms.get(this.#room);
    if (before) before.draft = this.#text.value;
    this.#room = state.current;
    this.#waits = false;
    const room = state.rooms.get(state.current);
    this.set(room?.draft ?? "");
    this.about(null);
    this.note("");
  }

  /** Says where it goes, or that one can only read. */
  render(state) {
    const room = state.rooms.get(state.current);
    if (room?.muted?.until && room.muted.until <= Date.now()) room.muted = null;
    const words = room?.muted ? mutedWords(room.muted) : room ? `Message to ${label(room)}` : "Message";
    if (this.#text.placeholder === words) return;
    this.#label.textContent = words;
    this.#text.placeholder = words;
    this.#text.classList.toggle("muted", Boolean(room?.muted));
  }

  /** Says what is answered or changed instead of a plain message; null: nothing. */
  about(about) {
    this.#about = about;
    const box = document.getElementById("about");
    box.hidden = !about;
    if (!about) return;
    const item = about.reply ?? about.edit;
    document.getElementById("about-text").textContent = about.reply ? `Answer to ${item.by.name}: ${[...gist(item)].slice(0, 80).join("")}` : "Change the message";
    if (about.edit) this.set(item.text ?? "");
    this.#text.focus();
  }

  get isEmpty() {
    return !this.#text.value.trim();
  }

  /** Whether it changes a message that is there. */
  get isChange() {
    return Boolean(this.#about?.edit);
  }

  /** What the text is about; takes it away. */
  takeAbout() {
    const about = this.#about;
    this.about(null);
    return about;
  }

  /** Completes the word before the cursor, or goes to the next completion. False where there is none. */
  #complete(back) {
    const { value, selectionStart } = this.#text;
    if (this.#completion) {
      const { words } = this.#completion;
      this.#completion.at = (this.#completion.at + (back ? words.length - 1 : 1)) % words.length;
    } else {
      if (back) return false;
      this.#completion = complete(value, selectionStart, this.#state, this.#emoji);
    }
    if (!this.#completion) return false;
    const { start, words, at } = this.#completion;
    this.#text.setRangeText(words[at], start, selectionStart, "end");
    this.#grow();
    return true;
  }

  set(text) {
    this.#text.value = text;
    this.#told = 0;
    this.#grow();
  }

  focus() {
    this.#text.focus();
  }

  /** Forgets all of it: someone else is here. */
  clear() {
    this.#room = null;
    this.#waits = false;
    this.about(null);
    this.set("");
    this.note("");
  }

  /** A word to the person, below the text; whether something went wrong. */
  note(text, isWrong = false) {
    this.#note.textContent = text;
    this.#note.classList.toggle("wrong", isWrong);
  }

  #grow() {
    this.#text.style.height = "auto";
    this.#text.style.height = `${this.#text.scrollHeight + 2}px`;
  }
}
