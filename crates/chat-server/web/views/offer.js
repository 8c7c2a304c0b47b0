// A sentence above the messages that the person may act on or put away. It stays until then.

export class Offer {
  #box = document.getElementById("offer");
  #text = document.getElementById("offer-text");
  #yes = document.getElementById("offer-yes");
  #act = null;

  constructor() {
    this.#yes.addEventListener("click", () => {
      this.hide();
      this.#act?.();
    });
    document.getElementById("offer-off").addEventListener("click", () => this.hide());
  }

  tell(text) {
    this.ask(text, "", null);
  }

  /** Asks; `act` is done when the person presses `label`. */
  ask(text, label, act) {
    this.#act = act;
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
