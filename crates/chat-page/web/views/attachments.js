// The files of the message that is being written: picked, pasted or dropped, each as a chip with how far it is.

import { sizeOf } from "../words.js";

const $ = (id) => document.getElementById(id);

export class Attachments {
  #list = $("attachments");
  #nodes = new Map();
  #uploads;

  /** `add` takes files. */
  constructor(uploads, add) {
    this.#uploads = uploads;
    const input = $("file-input");
    $("attach").addEventListener("click", () => input.click());
    input.addEventListener("change", () => {
      add([...input.files]);
      // The same file can be picked again.
      input.value = "";
    });
    document.addEventListener("paste", (event) => {
      const { files = [], types = [] } = event.clipboardData ?? {};
      const isElsewhere = event.target.closest?.("dialog, .login, input");
      if (isElsewhere || $("chat").hidden) return;
      // A table out of a spreadsheet comes as text and as its picture: the text is meant.
      if (!files.length || types.includes("text/plain")) return;
      event.preventDefault();
      add([...files]);
    });
    this.#drop(add);
  }

  #drop(add) {
    const zone = $("drop");
    const bears = (event) => event.dataTransfer?.types.includes("Files") && !$("chat").hidden && !document.querySelector("dialog[open]");
    document.addEventListener("dragenter", (event) => bears(event) && (zone.hidden = false));
    document.addEventListener("dragleave", (event) => {
      if (!event.relatedTarget) zone.hidden = true;
    });
    document.addEventListener("dragover", (event) => {
      if (!event.dataTransfer?.types.includes("Files")) return;
      // Otherwise the browser would leave the page for the file.
      event.preventDefault();
      event.dataTransfer.dropEffect = bears(event) ? "copy" : "none";
      // Some browsers do not say where a drag leaves to.
      zone.hidden = !bears(event);
    });
    document.addEventListener("drop", (event) => {
      if (!event.dataTransfer?.types.includes("Files")) return;
      event.preventDefault();
      zone.hidden = true;
      const isFolder = (item) => item.webkitGetAsEntry?.()?.isDirectory;
      const folders = [...event.dataTransfer.items].filter(isFolder).map((item) => item.getAsFile()?.name);
      if (bears(event)) add([...event.dataTransfer.files].filter((file) => !folders.includes(file.name)));
    });
  }

  render(room) {
    const uploads = this.#uploads.of(room);
    for (const [upload, node] of this.#nodes) {
      if (uploads.includes(upload)) continue;
      node.remove();
      this.#nodes.delete(upload);
    }
    for (const upload of uploads) {
      const node = this.#nodes.get(upload) ?? this.#chip(upload);
      const bar = node.querySelector("progress");
      bar.value = upload.size ? upload.loaded / upload.size : Number(Boolean(upload.file));
      bar.hidden = Boolean(upload.file || upload.error);
      node.classList.toggle("failed", Boolean(upload.error));
      node.querySelector("[data-retry]").hidden = !upload.error;
      const words = upload.error ?? (upload.file ? sizeOf(upload.size) : `${sizeOf(upload.loaded)} of ${sizeOf(upload.size)}`);
      const told = node.querySelector(".told-of");
      if (told.textContent !== words) told.textContent = words;
    }
    this.#list.hidden = !uploads.length;
  }

  #chip(upload) {
    const node = $("attachment-template").content.firstElementChild.cloneNode(true);
    node.querySelector(".file-name").textContent = upload.name;
    node.querySelector("progress").setAttribute("aria-label", upload.name);
    const remove = node.querySelector("[data-remove]");
    remove.setAttribute("aria-label", `Leave out ${upload.name}`);
    remove.addEventListener("click", () => this.#uploads.remove(upload));
    node.querySelector("[data-retry]").addEventListener("click", () => this.#uploads.retry(upload));
    this.#nodes.set(upload, node);
    this.#list.append(node);
    return node;
  }
}
