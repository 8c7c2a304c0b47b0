// What one can do with a message: answer, react, change, delete, pin. `page` is the page's own.

import { offered } from "./emoji.js";
import { has } from "./rights.js";
import { jump } from "./room.js";
import { gist, label } from "./words.js";

const $ = (id) => document.getElementById(id);
const SHOWN = 60;
/** How many messages are read around one that is jumped to. */
const AROUND = 100;

/** The choices for a message, as its menu shows them. */
export function choices(page, item) {
  const { state } = page;
  const room = state.rooms.get(state.current);
  const own = item.by.id === state.me?.id;
  const mayWrite = !room?.muted;
  const frame = { room: state.current, seq: item.seq };
  const all = [
    [mayWrite, "Answer", () => page.about({ reply: item })],
    [mayWrite, "React…", () => pick(page, item)],
    [own && mayWrite, "Change", () => page.about({ edit: item })],
    [has("moderator", state) || (room?.kind === "direct" && mayWrite), item.pinned ? "Unpin" : "Pin", () => page.ask({ type: item.pinned ? "unpin" : "pin", ...frame })],
    [own || has("moderator", state), "Delete, for everyone", () => page.ask({ type: "delete", ...frame })],
  ];
  return all.filter(([may]) => may).map(([, words, act]) => [words, act]);
}

/** Puts an emoji on a message, or takes it back where it is there already. */
export function react(page, item, emoji) {
  const mine = item.reactions?.some((one) => one.emoji === emoji && one.users.includes(page.state.me?.name));
  page.ask({ type: mine ? "unreact" : "react", room: page.state.current, seq: item.seq, emoji });
}

/** Lets one pick an emoji. */
function pick(page, item) {
  const dialog = $("emoji-dialog");
  const filter = $("emoji-filter");
  const draw = async () => {
    const found = await offered(filter.value, SHOWN);
    $("emoji-list").replaceChildren(
      ...found.map(([code, emoji]) => {
        const button = document.createElement("button");
        button.type = "button";
        button.textContent = emoji;
        button.title = `:${code}:`;
        button.setAttribute("aria-label", code);
        button.addEventListener("click", () => {
          dialog.close();
          react(page, item, emoji);
        });
        return button;
      }),
    );
  };
  filter.value = "";
  filter.oninput = draw;
  filter.onkeydown = (event) => {
    if (event.key !== "Enter") return;
    event.preventDefault();
    $("emoji-list").firstElementChild?.click();
  };
  draw();
  dialog.showModal();
}

/** Shows a message among those around it; where that seq is none, the next one. */
export async function seek(page, room, seq) {
  const known = page.state.rooms.get(room);
  if (!known) return;
  const held = known.items.findIndex((item) => item.type === "message" && item.seq >= seq);
  const isWhole = held > 0 || (held === 0 && (known.items[0].seq === seq || !known.more));
  if (isWhole) {
    known.sought = known.items[held].seq;
  } else {
    known.seeking = true;
    const answer = await page.ask({ type: "history", room, around: seq, limit: AROUND });
    known.seeking = false;
    const found = answer?.messages.find((message) => message.seq >= seq) ?? answer?.messages.at(-1);
    if (found) jump(known, answer, found.seq);
  }
  page.show(room);
}

/** The search: what is found, each to go to. */
export function search(page) {
  const dialog = $("search-dialog");
  $("search-form").onsubmit = async (event) => {
    event.preventDefault();
    const answer = await page.ask({ type: "search", query: $("search-query").value, limit: 50 });
    const found = answer?.messages ?? [];
    $("search-told").textContent = answer ? `${found.length}${answer.more ? " or more" : ""} found` : $("composer-note").textContent;
    $("search-found").replaceChildren(
      ...found.map((message) => {
        const li = document.createElement("li");
        const button = document.createElement("button");
        button.type = "button";
        button.dir = "auto";
        button.append(`${message.by.name} in ${label(page.state.rooms.get(message.room) ?? { name: message.room })}: `, ...marked(message.snippet || gist(message)));
        button.addEventListener("click", () => {
          dialog.close();
          seek(page, message.room, message.seq);
        });
        li.append(button);
        return li;
      }),
    );
  };
  dialog.showModal();
}

/** A snippet with what was searched for marked. */
function marked(snippet) {
  return snippet.split(/([\ue000][^\ue001]*[\ue001])/).map((part) => {
    if (!part.startsWith("\ue000")) return part;
    const mark = document.createElement("mark");
    mark.textContent = part.slice(1, -1);
    return mark;
  });
}
