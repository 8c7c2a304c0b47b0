// The files of the message that is being written, each as a chip with its progress.

import { sizeOf } from "../model/words.js";
import { copyOf, element, inside } from "./dom.js";
import { takeDropped, takePasted } from "./drop.js";

const template = element("attachment-template", HTMLTemplateElement);

export class Attachments {
  #list = element("attachments");
  /** @type {Map<page.Upload, HTMLElement>} */
  #nodes = new Map();
  #uploads;

  /** @param {import("../net/uploads.js").Uploads} uploads
   * @param {(files: File[]) => void} add takes files that were picked, pasted or dropped */
  constructor(uploads, add) {
    this.#uploads = uploads;
    const input = element("file-input", HTMLInputElement);
    element("attach").addEventListener("click", () => input.click());
    input.addEventListener("change", () => {
      add([...(input.files ?? [])]);
      // The same file can be picked again.
      input.value = "";
    });
    takePasted(add);
    takeDropped(add);
  }

  /** @param {string | null} room */
  render(room) {
    const uploads = this.#uploads.of(room);
    for (const [upload, node] of this.#nodes) {
      if (uploads.includes(upload)) continue;
      node.remove();
      this.#nodes.delete(upload);
    }
    for (const upload of uploads) show(this.#nodes.get(upload) ?? this.#chip(upload), upload);
    this.#list.hidden = !uploads.length;
  }

  /** @param {page.Upload} upload */
  #chip(upload) {
    const node = copyOf(template);
    inside(node, ".file-name").textContent = upload.name;
    inside(node, "progress").setAttribute("aria-label", upload.name);
    const remove = inside(node, "[data-remove]");
    remove.setAttribute("aria-label", `Remove ${upload.name}`);
    remove.addEventListener("click", () => this.#uploads.remove(upload));
    inside(node, "[data-retry]").addEventListener("click", () => this.#uploads.retry(upload));
    this.#nodes.set(upload, node);
    this.#list.append(node);
    return node;
  }
}

/** @param {HTMLElement} node @param {page.Upload} upload */
function show(node, { size, loaded, file, error }) {
  const bar = inside(node, "progress", HTMLProgressElement);
  bar.value = size ? loaded / size : Number(Boolean(file));
  bar.hidden = Boolean(file || error);
  node.classList.toggle("failed", Boolean(error));
  inside(node, "[data-retry]").hidden = !error;
  const words = error ?? (file ? sizeOf(size) : `${sizeOf(loaded)} of ${sizeOf(size)}`);
  const told = inside(node, ".told-of");
  // Setting the same text again would announce it again.
  if (told.textContent !== words) told.textContent = words;
}
