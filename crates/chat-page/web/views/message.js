// Returns an event as an element, and a message that waits to be sent.

import { minuteOf, wholeOf } from "../model/time.js";
import { gist, told } from "../model/words.js";
import { copyOf, element, inside, make, makeButton } from "./dom.js";
import { fileList } from "./files.js";
import { formatted, isEmoji } from "./formatted.js";

/** A text with more lines than this is folded until someone expands it. */
const LINES = 40;
/** How many characters count as a line. */
const LINE = 90;
/** How many characters of a message are quoted. */
const QUOTED = 120;
/** The number of colours for names. */
const COLORS = 6;

const messageTemplate = element("message-template", HTMLTemplateElement);
const pendingTemplate = element("pending-template", HTMLTemplateElement);

/** Returns a line of a room: a message, or a line that no message can look like.
 * @param {page.Item} item @param {page.Room} room @param {string | null} me the person's name */
export function eventNode(item, room, me) {
  if (item.type === "message") return messageNode(item, room, me);
  const li = make("li", told(item), "told");
  li.dir = "auto";
  return li;
}

/** @param {wire.Message} item @param {page.Room} room @param {string | null} me */
function messageNode(item, room, me) {
  const li = copyOf(messageTemplate);
  li.dataset.seq = String(item.seq);
  setHead(li, item);
  const text = inside(li, ".text");
  if (item.deleted) {
    text.textContent = "This message was deleted.";
    li.classList.add("deleted");
    inside(li, ".more").remove();
  } else {
    setText(li, text, item, me);
  }
  if (me !== null && item.mentions?.includes(me)) li.classList.add("names-me");
  if (item.reply_to) text.before(quote(item.reply_to, room));
  const below = inside(li, ".below");
  const marks = [item.pinned ? "pinned" : "", item.edited_at ? "edited" : ""].filter(Boolean).join(", ");
  if (marks) below.append(marks);
  below.append(...(item.reactions ?? []).map((one) => reaction(one, me)));
  return li;
}

/** @param {HTMLElement} li @param {wire.Message} item */
function setHead(li, { by, at }) {
  const color = `c${by.id % COLORS}`;
  const avatar = inside(li, ".avatar");
  avatar.textContent = [...by.name][0]?.toUpperCase() ?? "";
  avatar.classList.add(color);
  const name = inside(li, ".name");
  name.textContent = by.name;
  name.classList.add(color);
  const time = inside(li, "time", HTMLTimeElement);
  time.dateTime = new Date(at).toISOString();
  time.textContent = minuteOf(at);
  time.title = wholeOf(at);
  inside(li, ".more").setAttribute("aria-label", `Actions, ${by.name} ${minuteOf(at)}`);
}

/** @param {HTMLElement} li @param {HTMLElement} node @param {wire.Message} item @param {string | null} me */
function setText(li, node, item, me) {
  // A message with only files has no text.
  const text = item.text ?? "";
  node.append((item.html && formatted(item.html, me)) || text);
  node.classList.toggle("large", isEmoji(text));
  if (item.files?.length) node.after(fileList(item.files));
  const lines = text.split("\n").reduce((sum, line) => sum + Math.max(1, Math.ceil(line.length / LINE)), 0);
  if (lines > LINES) fold(li, node);
}

/** @param {HTMLElement} li @param {HTMLElement} text */
function fold(li, text) {
  li.classList.add("folded");
  const button = makeButton("Show more", () => {
    li.classList.remove("folded");
    button.remove();
  });
  button.className = "unfold";
  text.after(button);
}

/** Returns the message that is replied to, as a line.
 * @param {wire.Seq} seq @param {page.Room} room */
function quote(seq, room) {
  const quoted = room.items.find((item) => item.seq === seq);
  const said = quoted?.type === "message" ? `${quoted.by.name}: ${quoted.deleted ? "deleted" : gist(quoted)}` : "an earlier message";
  const button = make("button", `↳ ${[...said].slice(0, QUOTED).join("")}`, "quote");
  button.type = "button";
  button.dir = "auto";
  button.dataset.target = String(seq);
  return button;
}

/** @param {wire.Reaction} reaction @param {string | null} me */
function reaction({ emoji, count, users }, me) {
  const button = make("button", `${emoji} ${count}`, "reaction");
  button.type = "button";
  button.dataset.emoji = emoji;
  button.setAttribute("aria-pressed", String(me !== null && users.includes(me)));
  const who = users.join(", ") + (count > users.length ? ` and ${count - users.length} more` : "");
  button.title = who;
  button.setAttribute("aria-label", `${emoji}, ${who}`);
  return button;
}

/** Returns a message that waits or failed.
 * @param {page.Entry} entry */
export function pendingNode({ nonce, text, files = [] }) {
  const li = copyOf(pendingTemplate);
  li.dataset.nonce = nonce;
  inside(li, ".text").textContent = [text, ...files.map((file) => `📎 ${file.name}`)].filter(Boolean).join("\n");
  return li;
}
