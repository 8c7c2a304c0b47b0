// Who is online in the current room. A click on a name opens the menu of that person.

import { has } from "../model/rights.js";
import { element, inside, make, onSubmit, setChildren, targetOf } from "./dom.js";

/** The number of colours for names. */
const COLORS = 6;

export class People {
  #list = element("people-list");
  #count = element("people-count");
  #button = element("online-count");
  #invite = element("invite", HTMLFormElement);

  /** @param {(from: HTMLElement, name: string) => void} open opens the menu of a person
   * @param {(user: string) => void} invite */
  constructor(open, invite) {
    this.#list.addEventListener("click", (event) => {
      const button = targetOf(event, "button");
      if (button?.dataset.user) open(button, button.dataset.user);
    });
    const field = element("invite-name", HTMLInputElement);
    onSubmit(this.#invite, () => {
      const user = field.value.trim();
      if (user) invite(user);
      field.value = "";
    });
  }

  /** @param {wire.Me | null} me @param {page.Room | null} room */
  render(me, room) {
    this.#count.textContent = room ? String(room.onlineCount) : "";
    this.#button.textContent = room ? `● ${room.onlineCount}` : "";
    this.#invite.hidden = room?.kind !== "private" || !has("moderator", { me, room });
    const users = [...(room?.online.values() ?? [])].sort((a, b) => (a.name < b.name ? -1 : 1));
    const lines = new Map([...this.#list.querySelectorAll("li")].map((li) => [inside(li, "button").dataset.user, li]));
    setChildren(this.#list, users.map((user) => {
      const li = lines.get(user.name) ?? line(user);
      inside(li, "span").textContent = user.id === me?.id ? " (you)" : "";
      return li;
    }));
  }
}

/** @param {wire.User} user */
function line({ id, name }) {
  const li = make("li");
  const button = make("button", name, `name c${id % COLORS}`);
  button.type = "button";
  button.dir = "auto";
  button.dataset.user = name;
  button.setAttribute("aria-haspopup", "menu");
  li.append(button, make("span"));
  return li;
}
