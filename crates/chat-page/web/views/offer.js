// A sentence above the messages that the person may act on or put away. It stays until then.

export class Offer {
  #box = document.getElementById("offer");
  #text = document.getElementById("offer-text");
  #yes = document.getElementById("offer-yes");
  #act = null;
  /** Whether it is about the room that one wanted to go to, and over once another is shown. */
  #isPassing = false;

  constructor() {
    this.#yes.addEventListener("click", () => {
      this.hide();
      this.#act?.();
    });
    document.getElementById("offer-off").addEventListener("click", () => this.hide());
  }

  tell(text) {
    this.#show(text, "", null, false);
  }

  /** About the way to a room: what is wrong with it, or with `act`, what the person may do by pressing `label`. */
  ask(text, label = "", act = null) {
    this.#show(text, label, act, true);
  }

  /** Another room is shown. */
  pass() {
    if (this.#isPassing) this.hide();
  }

  #show(text, label, act, isPassing) {
    this.#act = act;
    this.#isPassing = isPassing;
    this.#text.textContent = text;
    this.#yes.textContent = label;
    this.#yes.hidden = !act;
    this.#box.hidden = false;
  }

  hide() {
    this.#box.hidden = true;
    this.#text.textContent = "";
  }
}
