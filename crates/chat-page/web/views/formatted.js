// Turns the server's markup of a message into nodes. The server makes it safe. The page checks it all the same, and shows
// the plain text if the markup contains anything unknown.

import { make } from "./dom.js";

/** The elements that markup may have, and their attributes.
 * @type {Map<string, string[]>} */
const ALLOWED = new Map([
  ...["P", "BR", "EM", "STRONG", "DEL", "H4", "BLOCKQUOTE", "UL", "LI", "PRE", "HR"].map((name) => /** @type {[string, string[]]} */ ([name, []])),
  ["A", ["href", "rel", "target"]],
  ["OL", ["start"]],
  ["CODE", ["class"]],
  ["SPAN", ["class"]],
]);
const ADDRESS = /^(https?:\/\/|mailto:)/i;

/** The only way for markup into the page. The browser blocks every other. */
const policy = globalThis.trustedTypes?.createPolicy("chat", { createHTML: (html) => html }) ?? { createHTML: (/** @type {string} */ html) => html };

/** @param {Element} node */
function isKnown(node) {
  const known = ALLOWED.get(node.nodeName);
  if (!known || ![...node.attributes].every(({ name }) => known.includes(name))) return false;
  return node.nodeName !== "A" || ADDRESS.test(node.getAttribute("href") ?? "");
}

/** Returns the markup as nodes, or null if it is not as expected.
 * @param {string} html @param {string | null} me the person's name */
export function formatted(html, me) {
  // Nothing inside a template loads or runs.
  const template = document.createElement("template");
  template.innerHTML = policy.createHTML(html);
  const { content } = template;
  if (![...content.querySelectorAll("*")].every(isKnown)) return null;
  // Messages keep their white space, so a line break can be a newline.
  for (const line of content.querySelectorAll("br")) line.replaceWith("\n");
  for (const mention of content.querySelectorAll(".mention")) mention.classList.toggle("me", mention.textContent?.slice(1).toLowerCase() === me);
  for (const span of content.querySelectorAll("span.room")) span.replaceWith(make("a", span.textContent ?? "", "room"));
  return content;
}

/** Turns the names of rooms into links if the person can go there, and into plain text if not.
 * @param {ParentNode} parent @param {(room: string) => boolean} isOpen */
export function linkRooms(parent, isOpen) {
  for (const link of parent.querySelectorAll("a.room")) {
    const name = link.textContent?.slice(1) ?? "";
    if (isOpen(name) === link.hasAttribute("href")) continue;
    if (isOpen(name)) link.setAttribute("href", `#${name}`);
    else link.removeAttribute("href");
  }
}

/** The maximum number of emoji that are shown large. */
const LARGE = 8;
/** An emoji, or the beginning of a sequence. */
const EMOJI = /^(\p{Emoji_Presentation}|\p{Emoji}\ufe0f|\p{Regional_Indicator}{2}|[0-9#*]\ufe0f?\u20e3)/u;

/** Splits a text into characters as people count them. Older browsers split it into code points, so that a family is several.
 * @type {(text: string) => string[]} */
const characters = (() => {
  if (typeof Intl.Segmenter !== "function") return (text) => [...text];
  const segmenter = new Intl.Segmenter(undefined, { granularity: "grapheme" });
  return (text) => [...segmenter.segment(text)].map(({ segment }) => segment);
})();

/** Whether a text consists only of a few emoji.
 * @param {string} text */
export function isEmoji(text) {
  const bare = text.replace(/\s/g, "");
  if (!bare || bare.length > LARGE * 16) return false;
  const parts = characters(bare);
  return parts.length <= LARGE && parts.every((part) => EMOJI.test(part));
}
