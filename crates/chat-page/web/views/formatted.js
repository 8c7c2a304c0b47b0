// What the server made of a message's text, as nodes. It is safe by the way it is made; the page looks all the same,
// and shows the plain text where there is anything that it does not know.

const ALLOWED = new Map([
  ...["P", "BR", "EM", "STRONG", "DEL", "H4", "BLOCKQUOTE", "UL", "LI", "PRE", "HR"].map((name) => [name, []]),
  ["A", ["href", "rel", "target"]],
  ["OL", ["start"]],
  ["CODE", ["class"]],
  ["SPAN", ["class"]],
]);
const ADDRESS = /^(https?:\/\/|mailto:)/i;

/** The only way of markup into the page: the browser holds everything else to it. */
const policy = globalThis.trustedTypes?.createPolicy("chat", { createHTML: (html) => html }) ?? { createHTML: (html) => html };

function isKnown(node) {
  const known = ALLOWED.get(node.nodeName);
  if (!known || ![...node.attributes].every(({ name }) => known.includes(name))) return false;
  return node.nodeName !== "A" || ADDRESS.test(node.getAttribute("href") ?? "");
}

/** The markup as nodes; null where it is not what it should be. `me` is one's own name. */
export function formatted(html, me) {
  // What is in a template is not alive: nothing in it loads or runs.
  const template = document.createElement("template");
  template.innerHTML = policy.createHTML(html);
  const { content } = template;
  if (![...content.querySelectorAll("*")].every(isKnown)) return null;
  // Spaces count in a message, and so a line break can be what it is in the text.
  for (const line of content.querySelectorAll("br")) line.replaceWith("\n");
  for (const mention of content.querySelectorAll(".mention")) mention.classList.toggle("me", mention.textContent.slice(1).toLowerCase() === me);
  for (const span of content.querySelectorAll("span.room")) {
    const link = document.createElement("a");
    link.className = "room";
    link.textContent = span.textContent;
    span.replaceWith(link);
  }
  return content;
}

/** Makes names of rooms that one can go to links, and those of others plain. */
export function linkRooms(within, isOpen) {
  for (const link of within.querySelectorAll("a.room")) {
    const name = link.textContent.slice(1);
    if (isOpen(name) === link.hasAttribute("href")) continue;
    if (isOpen(name)) link.href = `#${name}`;
    else link.removeAttribute("href");
  }
}

/** Most emoji that are shown large. */
const LARGE = 8;
/** Characters as people count them; in older browsers code points, so that a family is several. */
const graphemes = typeof Intl.Segmenter === "function" ? new Intl.Segmenter(undefined, { granularity: "grapheme" }) : { segment: (text) => [...text].map((segment) => ({ segment })) };

/** Whether a text is nothing but a few emoji. */
export function isEmoji(text) {
  const bare = text.replace(/\s/g, "");
  if (!bare || bare.length > LARGE * 16) return false;
  const parts = [...graphemes.segment(bare)];
  return parts.length <= LARGE && parts.every(({ segment }) => /^(\p{Emoji_Presentation}|\p{Emoji}\ufe0f|\p{Regional_Indicator}{2}|[0-9#*]\ufe0f?\u20e3)/u.test(segment));
}
