// Asks for a name.

export class Login {
  #form = document.getElementById("login");
  #name = document.getElementById("login-name");
  #error = document.getElementById("login-error");

  constructor(enter) {
    this.#form.addEventListener("submit", (event) => {
      event.preventDefault();
      const name = this.#name.value.trim();
      if (name) enter(name);
    });
  }

  show(name, error) {
    this.#form.hidden = false;
    this.#name.value = name;
    this.#error.textContent = error;
    this.#name.focus();
    this.#name.select();
  }

  hide() {
    this.#form.hidden = true;
  }
}
