// One message as an element, and one that waits to be sent.

import { minuteOf, wholeOf } from "../time.js";
import { gist, told } from "../words.js";
import { fileList } from "./files.js";
import { formatted, isEmoji } from "./formatted.js";

/** More lines than this are folded until someone asks for them; how many characters count as a line. */
const LINES = 40;
const LINE = 90;

const messageTemplate = document.getElementById("message-template");
const pendingTemplate = document.getElementById("pending-template");

/** An event of a room: a message, or a line of its own that no message can look like. */
export function eventNode(item, room, me) {
  if (item.type === "message") return messageNode(item, room, me);
  const li = document.createElement("li");
  li.className = "told";
  li.dir = "auto";
  li.textContent = told(item);
  return li;
}

function messageNode(item, room, me) {
  const li = messageTemplate.content.firstElementChild.cloneNode(true);
  li.dataset.seq = item.seq;
  const avatar = li.querySelector(".avatar");
  avatar.textContent = [...item.by.name][0]?.toUpperCase() ?? "";
  avatar.classList.add(`c${item.by.id % 6}`);
  const name = li.querySelector(".name");
  name.textContent = item.by.name;
  name.classList.add(`c${item.by.id % 6}`);
  const time = li.querySelector("time");
  time.dateTime = new Date(item.at).toISOString();
  time.textContent = minuteOf(item.at);
  time.title = wholeOf(item.at);
  const text = li.querySelector(".text");
  if (item.deleted) {
    text.textContent = "This message was deleted.";
    li.classList.add("deleted");
    li.querySelector(".more").remove();
  } else {
    // What bears only files has no text.
    const words = item.text ?? "";
    text.append((item.html && formatted(item.html, me)) ?? words);
    text.classList.toggle("large", isEmoji(words));
    if (item.files?.length) text.after(fileList(item.files));
    fold(li, words);
  }
  if (item.mentions?.includes(me)) li.classList.add("names-me");
  if (item.reply_to) text.before(quote(item.reply_to, room));
  const below = li.querySelector(".below");
  const marks = [item.pinned ? "pinned" : "", item.edited_at ? "edited" : ""].filter(Boolean).join(", ");
  if (marks) below.append(marks);
  below.append(...(item.reactions ?? []).map((one) => reaction(one, me)));
  return li;
}

/** Folds a very long text. */
function fold(li, text) {
  const lines = text.split("\n").reduce((sum, line) => sum + Math.max(1, Math.ceil(line.length / LINE)), 0);
  if (lines <= LINES) return;
  li.classList.add("folded");
  const button = document.createElement("button");
  button.type = "button";
  button.className = "unfold";
  button.textContent = "Show all of it";
  button.addEventListener("click", () => {
    li.classList.remove("folded");
    button.remove();
  });
  li.querySelector(".text").after(button);
}

/** The message that is answered, in a line. */
function quote(seq, room) {
  const quoted = room.items.find((item) => item.seq === seq);
  const button = document.createElement("button");
  button.type = "button";
  button.className = "quote";
  button.dir = "auto";
  button.dataset.target = seq;
  const words = quoted ? `${quoted.by.name}: ${quoted.deleted ? "deleted" : gist(quoted)}` : "an earlier message";
  button.textContent = `↳ ${[...words].slice(0, 120).join("")}`;
  return button;
}

function reaction({ emoji, count, users }, me) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "reaction";
  button.dataset.emoji = emoji;
  button.textContent = `${emoji} ${count}`;
  button.setAttribute("aria-pressed", String(users.includes(me)));
  const who = users.join(", ") + (count > users.length ? ` and ${count - users.length} more` : "");
  button.title = who;
  button.setAttribute("aria-label", `${emoji}, ${who}`);
  return button;
}

/** A message that waits or failed. */
export function pendingNode(entry) {
  const li = pendingTemplate.content.firstElementChild.cloneNode(true);
  li.dataset.nonce = entry.nonce;
  li.querySelector(".text").textContent = [entry.text, ...(entry.files ?? []).map((file) => `📎 ${file.name}`)].filter(Boolean).join("\n");
  return li;
}
