// The rooms one is in, with what is new there, and those one could join.

import { has } from "../rights.js";
import { label } from "../words.js";

const template = document.getElementById("room-template");

export class Rooms {
  #list = document.getElementById("room-list");
  #direct = document.getElementById("direct-list");
  #directHead = document.getElementById("direct-head");
  #others = document.getElementById("other-list");
  #othersHead = document.getElementById("others-head");
  #elsewhere = document.getElementById("new-elsewhere");
  #me = document.getElementById("me");

  constructor(state, { open, join, create }) {
    document.addEventListener("keydown", (event) => {
      if (!event.altKey || !["ArrowUp", "ArrowDown"].includes(event.key)) return;
      event.preventDefault();
      const names = ordered(state).map((room) => room.name);
      const at = names.indexOf(state.current) + (event.key === "ArrowDown" ? 1 : -1);
      open(names[(at + names.length) % names.length]);
    });
    this.#list.addEventListener("click", (event) => open(nameOf(event)));
    this.#direct.addEventListener("click", (event) => open(nameOf(event)));
    this.#others.addEventListener("click", (event) => join(nameOf(event)));
    const field = document.getElementById("create-name");
    document.getElementById("create").addEventListener("submit", (event) => {
      event.preventDefault();
      create(field.value.trim(), document.getElementById("create-private").checked);
      event.target.reset();
    });
  }

  render(state) {
    const rooms = ordered(state);
    const entry = (room) => ({ name: room.name, label: label(room), kind: room.kind, unread: room.unread, mentions: room.mentions, muted: room.notify === "none", online: room.kind === "direct" && room.online.has(room.user?.id), current: room.name === state.current });
    fill(this.#list, rooms.filter((room) => room.kind !== "direct").map(entry));
    const direct = rooms.filter((room) => room.kind === "direct").map(entry);
    fill(this.#direct, direct);
    this.#directHead.hidden = direct.length === 0;
    fill(this.#others, [...state.others].sort().map((name) => ({ name, label: `#${name}`, kind: "public", unread: 0, mentions: 0, muted: false, online: false, current: false })));
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

/** The rooms one is in as they stand in the list: those of many by name, then those of two by the other's. */
export function ordered(state) {
  const key = (room) => (room.kind === "direct" ? `1${room.user?.name}` : `0${room.name}`);
  return [...state.rooms.values()].sort((a, b) => (key(a) < key(b) ? -1 : 1));
}

const shortly = (count) => (count > 999 ? "999+" : String(count));

const nameOf = (event) => event.target.closest("button")?.dataset.room;

/** Makes the list's buttons those of `rooms`, keeping the ones that are there, and the focus with them. */
function fill(list, rooms) {
  const have = new Map([...list.children].map((li) => [li.firstElementChild.dataset.room, li]));
  const want = rooms.map(({ name, label: words, kind, unread, mentions, muted, online, current }) => {
    const li = have.get(name) ?? template.content.firstElementChild.cloneNode(true);
    const button = li.firstElementChild;
    button.dataset.room = name;
    const sign = button.querySelector(".hash");
    sign.textContent = kind === "direct" ? "" : words[0];
    sign.classList.toggle("dot", kind === "direct");
    sign.classList.toggle("online", online);
    button.classList.toggle("muted", muted);
    button.querySelector(".label").textContent = words.replace(/^[#@]/, "");
    button.querySelector(".lock").hidden = kind !== "private";
    if (current) button.setAttribute("aria-current", "true");
    else button.removeAttribute("aria-current");
    const count = button.querySelector(".count");
    count.hidden = unread === 0;
    count.textContent = mentions ? `@${shortly(mentions)}` : shortly(unread);
    count.classList.toggle("named", mentions > 0);
    button.setAttribute("aria-label", `${words.replace(/^[#@]/, "")}${kind === "private" ? ", private" : ""}${kind === "direct" ? `, ${online ? "online" : "offline"}` : ""}${muted ? ", notifications off" : ""}${unread ? `, ${unread} new` : ""}${mentions ? `, ${mentions} for you` : ""}`);
    button.classList.toggle("unread", unread > 0);
    return li;
  });
  if (want.length !== list.children.length || want.some((li, at) => list.children[at] !== li)) list.replaceChildren(...want);
}
