// What is copied from the messages reads like a log: `[10:05] bob: text`, a line for each message, and the text as it was
// written. What only decorates them on the screen is not copied.

import { minuteOf } from "../time.js";

const BLOCKS = ["LI", "P", "PRE", "BLOCKQUOTE", "H4", "HR", "UL", "OL", "DIV"];

/** Watches the list; `itemOf` answers the message with a seq. */
export function copyAsLog(list, itemOf) {
  document.addEventListener("copy", (event) => {
    const selection = getSelection();
    if (!event.clipboardData || event.target.closest?.("input, textarea") || !selection?.rangeCount) return;
    const text = logOf(selection.getRangeAt(0), list, itemOf);
    if (text === null) return;
    event.clipboardData.setData("text/plain", text);
    event.preventDefault();
  });
}

/** The selected messages as text; null if there are none. */
function logOf(range, list, itemOf) {
  const rows = range.collapsed ? [] : [...list.children].filter((row) => range.intersectsNode(row));
  if (!rows.length) return null;
  const only = rows.length === 1 ? rows[0].querySelector(".text") : null;
  // A part of one message is just its words.
  if (only?.contains(range.commonAncestorContainer)) return words(range, only, itemOf(Number(rows[0].dataset.seq)));
  return rows.map((row) => line(range, row, itemOf)).filter(Boolean).join("\n");
}

function line(range, row, itemOf) {
  const text = row.querySelector(".text");
  const item = itemOf(Number(row.dataset.seq));
  if (!text) return row.classList.contains("new") ? "" : row.textContent;
  const said = words(range, text, item);
  const files = said || !text.textContent ? (item?.files ?? []).map((file) => `📎 ${file.name}`) : [];
  const all = [said, ...files].filter(Boolean).join("\n");
  return all && item ? `[${minuteOf(item.at)}] ${item.by.name}: ${all}` : all;
}

/** What of a message's text is selected: all of it as it was written, a part as it is shown. */
function words(range, node, item) {
  const part = document.createRange();
  part.selectNodeContents(node);
  if (range.compareBoundaryPoints(Range.START_TO_START, part) > 0) part.setStart(range.startContainer, range.startOffset);
  if (range.compareBoundaryPoints(Range.END_TO_END, part) < 0) part.setEnd(range.endContainer, range.endOffset);
  if (!node.contains(part.commonAncestorContainer)) return "";
  const shown = part.toString().trim();
  if (shown && shown === node.textContent.trim()) return item?.text || shown;
  return plain(part.cloneContents());
}

/** Nodes as text: blocks on lines of their own, the marks of lists kept. */
function plain(node) {
  if (node.nodeType === Node.TEXT_NODE) return node.data;
  let text = "";
  let number = Number(node.getAttribute?.("start") ?? 1);
  for (const child of node.childNodes) {
    const isBlock = BLOCKS.includes(child.nodeName);
    const mark = child.nodeName !== "LI" ? "" : node.nodeName === "OL" ? `${number++}. ` : "- ";
    text += `${isBlock && text && !text.endsWith("\n") ? "\n" : ""}${mark}${plain(child)}`;
  }
  return text.trim() && node.nodeName === "BLOCKQUOTE" ? text.trim().replace(/^/gm, "> ") : text;
}
