// The rooms one is in, with what is new there, and those one could join.

import { has } from "../rights.js";
import { label } from "../words.js";

const template = document.getElementById("room-template");

export class Rooms {
  #list = document.getElementById("room-list");
  #others = document.getElementById("other-list");
  #othersHead = document.getElementById("others-head");
  #elsewhere = document.getElementById("new-elsewhere");
  #me = document.getElementById("me");

  constructor({ open, join, create }) {
    this.#list.addEventListener("click", (event) => open(nameOf(event)));
    this.#others.addEventListener("click", (event) => join(nameOf(event)));
    const field = document.getElementById("create-name");
    document.getElementById("create").addEventListener("submit", (event) => {
      event.preventDefault();
      create(field.value.trim(), document.getElementById("create-private").checked);
      event.target.reset();
    });
  }

  render(state) {
    const rooms = [...state.rooms.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
    fill(this.#list, rooms.map((room) => ({ name: room.name, label: label(room), kind: room.kind, unread: room.unread, mentions: room.mentions, current: room.name === state.current })));
    fill(this.#others, [...state.others].sort().map((name) => ({ name, label: `#${name}`, kind: "public", unread: 0, mentions: 0, current: false })));
    this.#othersHead.hidden = state.others.length === 0;
    const elsewhere = rooms.filter((room) => room.name !== state.current).reduce((sum, room) => sum + room.unread, 0);
    this.#elsewhere.hidden = elsewhere === 0;
    this.#elsewhere.textContent = shortly(elsewhere);
    this.#me.textContent = state.me ? `${state.me.name}, ${state.me.role === "admin" ? "admin" : state.me.kind}` : "";
    for (const button of document.querySelectorAll("#account [data-needs]")) button.hidden = !has(button.dataset.needs, state);
    const shown = state.rooms.get(state.current);
    const all = rooms.reduce((sum, room) => sum + room.unread, 0);
    document.title = `${all ? `(${shortly(all)}) ` : ""}${shown ? `${label(shown)} – ` : ""}${state.server?.name ?? "chat"}`;
  }
}

const shortly = (count) => (count > 999 ? "999+" : String(count));

const nameOf = (event) => event.target.closest("button")?.dataset.room;

/** Makes the list's buttons those of `rooms`, keeping the ones that are there, and the focus with them. */
function fill(list, rooms) {
  const have = new Map([...list.children].map((li) => [li.firstElementChild.dataset.room, li]));
  const want = rooms.map(({ name, label: words, kind, unread, mentions, current }) => {
    const li = have.get(name) ?? template.content.firstElementChild.cloneNode(true);
    const button = li.firstElementChild;
    button.dataset.room = name;
    button.querySelector(".hash").textContent = words[0];
    button.querySelector(".label").textContent = words.slice(1);
    button.querySelector(".lock").hidden = kind !== "private";
    if (current) button.setAttribute("aria-current", "true");
    else button.removeAttribute("aria-current");
    const count = button.querySelector(".count");
    count.hidden = unread === 0;
    count.textContent = mentions ? `@${shortly(mentions)}` : shortly(unread);
    count.classList.toggle("named", mentions > 0);
    button.setAttribute("aria-label", `${words.replace(/^#/, "")}${kind === "private" ? ", private" : ""}${unread ? `, ${unread} new` : ""}${mentions ? `, ${mentions} for you` : ""}`);
    button.classList.toggle("unread", unread > 0);
    return li;
  });
  if (want.length !== list.children.length || want.some((li, at) => list.children[at] !== li)) list.replaceChildren(...want);
}
