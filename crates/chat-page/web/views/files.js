// The files of a message: pictures as small ones, all others as a line each.

import { sizeOf } from "../words.js";

/** How large a picture is shown, in CSS pixels. */
const WIDTH = 384;
const HEIGHT = 320;

/** Up to how many bytes a picture without a smaller one is loaded by itself. */
const SMALL_BYTES = 1024 * 1024;

/** A picture that is too large to be made smaller is a line that leads to it. */
const isShown = (file) =>
  file.width && file.height && file.media_type.startsWith("image/") && (file.thumb || file.size <= SMALL_BYTES);

/** The files as an element. */
export function fileList(files) {
  const list = document.createElement("div");
  list.className = "files";
  list.append(...files.map((file) => (isShown(file) ? picture(file) : row(file))));
  return list;
}

function picture(file) {
  const link = document.createElement("a");
  link.className = "picture";
  link.href = file.url;
  link.target = "_blank";
  link.rel = "noopener";
  link.title = `${file.name}, ${sizeOf(file.size)}`;
  const image = document.createElement("img");
  const scale = Math.min(1, WIDTH / file.width, HEIGHT / file.height);
  // Its place is there before it is: nothing jumps when it comes.
  image.width = Math.max(1, Math.round(file.width * scale));
  image.height = Math.max(1, Math.round(file.height * scale));
  image.loading = "lazy";
  image.decoding = "async";
  image.alt = file.name;
  image.src = file.thumb ?? file.url;
  link.append(image);
  return link;
}

function row(file) {
  const link = document.createElement("a");
  link.className = "file";
  link.href = file.url;
  link.download = file.name;
  const name = document.createElement("span");
  name.className = "file-name";
  name.dir = "auto";
  name.textContent = file.name;
  const about = document.createElement("span");
  about.className = "file-about";
  about.textContent = `${file.media_type}, ${sizeOf(file.size)}`;
  link.append(name, about);
  return link;
}
