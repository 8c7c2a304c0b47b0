// Makes what is copied from the messages read like a log: `[10:05] bob: text`, with a line for each message and its text as
// it was written. What only decorates messages on the screen is not copied.

import { minuteOf } from "../model/time.js";

/** Returns the line with a seq.
 * @typedef {(seq: wire.Seq) => page.Item | undefined} ItemOf */

const BLOCKS = ["LI", "P", "PRE", "BLOCKQUOTE", "H4", "HR", "UL", "OL", "DIV"];

/** @param {HTMLElement} list @param {ItemOf} itemOf */
export function copyAsLog(list, itemOf) {
  document.addEventListener("copy", (event) => {
    const selection = getSelection();
    const isField = event.target instanceof Element && event.target.closest("input, textarea");
    if (!event.clipboardData || isField || !selection?.rangeCount) return;
    const text = logOf(selection.getRangeAt(0), list, itemOf);
    if (text === null) return;
    event.clipboardData.setData("text/plain", text);
    event.preventDefault();
  });
}

/** Returns the selected messages as text, or null if there are none.
 * @param {Range} range @param {HTMLElement} list @param {ItemOf} itemOf */
function logOf(range, list, itemOf) {
  const rows = range.collapsed ? [] : [...list.children].filter((row) => range.intersectsNode(row));
  const [first, second] = rows;
  if (!first) return null;
  const only = second ? null : first.querySelector(".text");
  // A part of a single message is copied without time and name.
  if (only?.contains(range.commonAncestorContainer)) return words(range, only, messageOf(first, itemOf));
  return rows.map((row) => line(range, row, itemOf)).filter(Boolean).join("\n");
}

/** Returns the message of a row, or undefined if it has none.
 * @param {Element} row @param {ItemOf} itemOf */
function messageOf(row, itemOf) {
  const item = itemOf(Number(row.getAttribute("data-seq")));
  return item?.type === "message" ? item : undefined;
}

/** @param {Range} range @param {Element} row @param {ItemOf} itemOf */
function line(range, row, itemOf) {
  const text = row.querySelector(".text");
  const item = messageOf(row, itemOf);
  if (!text) return row.classList.contains("new") ? "" : row.textContent;
  const said = words(range, text, item);
  const files = said || !text.textContent ? (item?.files ?? []).map((file) => `📎 ${file.name}`) : [];
  const all = [said, ...files].filter(Boolean).join("\n");
  return all && item ? `[${minuteOf(item.at)}] ${item.by.name}: ${all}` : all;
}

/** Returns the selected part of a message's text: as it was written if all of it is selected, otherwise as it is shown.
 * @param {Range} range @param {Element} node @param {wire.Message | undefined} item */
function words(range, node, item) {
  const part = document.createRange();
  part.selectNodeContents(node);
  if (range.compareBoundaryPoints(Range.START_TO_START, part) > 0) part.setStart(range.startContainer, range.startOffset);
  if (range.compareBoundaryPoints(Range.END_TO_END, part) < 0) part.setEnd(range.endContainer, range.endOffset);
  if (!node.contains(part.commonAncestorContainer)) return "";
  const shown = part.toString().trim();
  if (shown && shown === node.textContent?.trim()) return item?.text || shown;
  return plain(part.cloneContents());
}

/** Returns nodes as text, with each block on its own line, and list markers.
 * @param {Node} node @returns {string} */
function plain(node) {
  if (node instanceof Text) return node.data;
  let text = "";
  let number = Number((node instanceof Element && node.getAttribute("start")) || 1);
  for (const child of node.childNodes) {
    const isBlock = BLOCKS.includes(child.nodeName);
    const mark = child.nodeName !== "LI" ? "" : node.nodeName === "OL" ? `${number++}. ` : "- ";
    text += `${isBlock && text && !text.endsWith("\n") ? "\n" : ""}${mark}${plain(child)}`;
  }
  return text.trim() && node.nodeName === "BLOCKQUOTE" ? text.trim().replace(/^/gm, "> ") : text;
}
