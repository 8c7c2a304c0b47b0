// Files that are dropped onto the page or pasted.

import { element } from "./dom.js";

/** @param {(files: File[]) => void} add */
export function takeDropped(add) {
  const zone = element("drop");
  const chat = element("chat");
  const hasFiles = (/** @type {DragEvent} */ event) => event.dataTransfer?.types.includes("Files") ?? false;
  const isWanted = (/** @type {DragEvent} */ event) => hasFiles(event) && !chat.hidden && !document.querySelector("dialog[open]");
  document.addEventListener("dragenter", (event) => isWanted(event) && (zone.hidden = false));
  document.addEventListener("dragleave", (event) => {
    if (!event.relatedTarget) zone.hidden = true;
  });
  document.addEventListener("dragover", (event) => {
    if (!event.dataTransfer || !hasFiles(event)) return;
    // Otherwise the browser would navigate to the file.
    event.preventDefault();
    event.dataTransfer.dropEffect = isWanted(event) ? "copy" : "none";
    // Some browsers do not say what a drag moves to.
    zone.hidden = !isWanted(event);
  });
  document.addEventListener("drop", (event) => {
    if (!event.dataTransfer || !hasFiles(event)) return;
    event.preventDefault();
    zone.hidden = true;
    if (isWanted(event)) add(withoutFolders(event.dataTransfer));
  });
}

/** @param {(files: File[]) => void} add */
export function takePasted(add) {
  document.addEventListener("paste", (event) => {
    if (!event.clipboardData) return;
    const { files, types } = event.clipboardData;
    const isElsewhere = event.target instanceof Element && event.target.closest("dialog, .login, input");
    if (isElsewhere || element("chat").hidden) return;
    // A table from a spreadsheet is pasted as text and as a picture of it. The person means the text.
    if (!files.length || types.includes("text/plain")) return;
    event.preventDefault();
    add([...files]);
  });
}

/** Whether it is a folder, which looks like a file but cannot be read as one.
 * @param {DataTransfer} data */
function withoutFolders({ items, files }) {
  const folders = [...items].filter((item) => item.webkitGetAsEntry?.()?.isDirectory).map((item) => item.getAsFile()?.name);
  return [...files].filter((file) => !folders.includes(file.name));
}
