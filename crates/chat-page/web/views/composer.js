// The composer. It is never disabled: a message that is written without a connection waits.

import { whereTo } from "../model/words.js";
import { element, onSubmit } from "./dom.js";
import { TextField } from "./text-field.js";

/** What the composer needs.
 * @typedef {object} Needs
 * @property {import("../model/shown.js").Shown} shown
 * @property {import("./about.js").About} about
 * @property {import("./notes.js").Notes} notes
 * @property {(text: HTMLTextAreaElement) => import("./completion.js").TabCompletion} completion
 * @property {(input: string) => import("../actions/posting.js").Hold} hold what keeps a text from being sent
 * @property {(input: string) => string | null} submit sends a text; answers what is wrong with it, or null
 * @property {import("./typing.js").TypingSignal} typing
 * @property {() => void} escape the person has nothing to cancel here
 */

export class Composer {
  #text;
  #label = element("composer-label");
  #needs;
  #completion;
  /** The name of the room whose draft is shown.
   * @type {string | null} */
  #room = null;
  /** Whether the text is sent as soon as its files are uploaded. */
  #waits = false;

  /** @param {Needs} needs */
  constructor(needs) {
    this.#needs = needs;
    const area = element("composer-text", HTMLTextAreaElement);
    this.#text = new TextField(area);
    this.#completion = needs.completion(area);
    onSubmit(element("composer", HTMLFormElement), () => this.#submit());
    area.addEventListener("keydown", (event) => this.#key(event));
    area.addEventListener("input", () => this.#typed());
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    // An input method is composing (229 in older browsers), so the key belongs to it.
    if (event.isComposing || event.keyCode === 229) return;
    const isTouch = matchMedia("(pointer: coarse)").matches;
    if (event.key === "Enter" && !event.shiftKey && !isTouch) {
      event.preventDefault();
      this.#submit();
    } else if (event.key === "Escape") {
      this.#escape();
    } else if (event.key === "Tab" && !event.altKey && !event.ctrlKey && this.#completion.step(event.shiftKey)) {
      // If there is nothing to complete, Tab moves the focus as usual.
      event.preventDefault();
      this.#text.grow();
    }
    if (event.key !== "Tab" && event.key !== "Shift") this.#completion.end();
  }

  #escape() {
    const { about, escape } = this.#needs;
    if (about.isPlain) return escape();
    if (about.isEdit) this.set("");
    about.set(null);
  }

  #typed() {
    this.#text.grow();
    this.#waits = false;
    this.#needs.notes.clear();
    this.#needs.typing.typed(this.#text.value);
  }

  #submit() {
    const { hold, submit, notes } = this.#needs;
    const { value } = this.#text;
    const { wait, wrong, isEmpty } = hold(value);
    this.#waits = Boolean(wait);
    if (wait) return notes.tell(wait);
    if (wrong) return notes.complain(wrong);
    if (isEmpty) return;
    notes.clear();
    const refused = submit(value);
    if (refused) notes.complain(refused);
    else this.set("");
    this.#text.focus();
  }

  /** Sends a text that waits for its files, if they are uploaded. */
  goOn() {
    if (this.#waits) this.#submit();
  }

  /** Shows the draft of another room, and stores this one's. */
  show() {
    const { shown, about, notes } = this.#needs;
    if (this.#room === shown.name) return;
    const before = shown.viewOf(this.#room);
    if (before) before.draft = this.#text.value;
    this.#room = shown.name;
    this.#waits = false;
    this.set(shown.viewOf(this.#room)?.draft ?? "");
    about.set(null);
    notes.clear();
  }

  /** Shows where a message would go, or that the person may not write there. */
  render() {
    const { room } = this.#needs.shown;
    this.#text.describe(this.#label, whereTo(room, Date.now()), Boolean(room?.muted));
  }

  /** Starts a reply or an edit.
   * @param {page.About} about */
  write(about) {
    this.#needs.about.set(about);
    if (about.edit) this.set(about.edit.text ?? "");
    this.focus();
  }

  /** Puts back a text that could not be sent, unless the person is writing another one.
   * @param {page.About} about @param {string} text */
  restore(about, text) {
    if (this.#text.value.trim()) return;
    this.write(about);
    this.set(text);
  }

  /** @param {string} text */
  set(text) {
    this.#text.value = text;
    this.#needs.typing.end();
  }

  focus() {
    this.#text.focus();
  }

  /** Forgets the text, because the person logs out. */
  clear() {
    this.#room = null;
    this.#waits = false;
    this.#needs.about.set(null);
    this.set("");
    this.#needs.notes.clear();
  }
}
