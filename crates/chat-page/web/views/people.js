// Who is online in the room shown; a press on a name opens what one can do.

import { has } from "../rights.js";

export class People {
  #list = document.getElementById("people-list");
  #count = document.getElementById("people-count");
  #button = document.getElementById("online-count");
  #invite = document.getElementById("invite");

  constructor({ choose, invite }) {
    this.#list.addEventListener("click", (event) => {
      const button = event.target.closest("button");
      if (button) choose(button, button.dataset.user);
    });
    this.#invite.addEventListener("submit", (event) => {
      event.preventDefault();
      const field = document.getElementById("invite-name");
      invite(field.value.trim());
      field.value = "";
    });
  }

  render(state) {
    const room = state.rooms.get(state.current);
    this.#count.textContent = room?.onlineCount ?? "";
    this.#button.textContent = room ? `● ${room.onlineCount}` : "";
    this.#invite.hidden = room?.kind !== "private" || !has("moderator", state);
    const users = [...(room?.online.values() ?? [])].sort((a, b) => (a.name < b.name ? -1 : 1));
    const have = new Map([...this.#list.children].map((li) => [li.firstElementChild.dataset.user, li]));
    const want = users.map((user) => have.get(user.name) ?? line(user));
    users.forEach((user, at) => {
      want[at].firstElementChild.textContent = user.name;
      want[at].lastElementChild.textContent = user.id === state.me?.id ? " (you)" : "";
    });
    if (want.length !== this.#list.children.length || want.some((li, at) => this.#list.children[at] !== li)) this.#list.replaceChildren(...want);
  }
}

function line(user) {
  const li = document.createElement("li");
  const name = document.createElement("button");
  name.type = "button";
  name.dir = "auto";
  name.className = `name c${user.id % 6}`;
  name.dataset.user = user.name;
  name.setAttribute("aria-haspopup", "menu");
  li.append(name, document.createElement("span"));
  return li;
}
