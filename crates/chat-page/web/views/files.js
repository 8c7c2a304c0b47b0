// The files of a message: pictures as thumbnails, each other file as a line.

import { sizeOf } from "../model/words.js";
import { make } from "./dom.js";

/** The maximum size of a picture, in CSS pixels. */
const WIDTH = 384;
const HEIGHT = 320;

/** The largest picture without a thumbnail that is loaded automatically, in bytes. */
const SMALL_BYTES = 1024 * 1024;

/** A file that is shown as a picture.
 * @typedef {wire.File & { width: number, height: number }} Picture */

/** @param {wire.File} file @returns {file is Picture} */
const isPicture = (file) =>
  Boolean(file.width && file.height) && file.media_type.startsWith("image/") && (Boolean(file.thumb) || file.size <= SMALL_BYTES);

/** @param {wire.File[]} files */
export function fileList(files) {
  const list = make("div", "", "files");
  list.append(...files.map((file) => (isPicture(file) ? picture(file) : row(file))));
  return list;
}

/** @param {Picture} file */
function picture(file) {
  const link = make("a", "", "picture");
  link.href = file.url;
  link.target = "_blank";
  link.rel = "noopener";
  link.title = `${file.name}, ${sizeOf(file.size)}`;
  const image = make("img");
  const scale = Math.min(1, WIDTH / file.width, HEIGHT / file.height);
  // The size is known, so nothing moves when the picture has loaded.
  image.width = Math.max(1, Math.round(file.width * scale));
  image.height = Math.max(1, Math.round(file.height * scale));
  image.loading = "lazy";
  image.decoding = "async";
  image.alt = file.name;
  image.src = file.thumb ?? file.url;
  link.append(image);
  return link;
}

/** @param {wire.File} file */
function row(file) {
  const link = make("a", "", "file");
  link.href = file.url;
  link.download = file.name;
  const name = make("span", file.name, "file-name");
  name.dir = "auto";
  link.append(name, make("span", `${file.media_type}, ${sizeOf(file.size)}`, "file-about"));
  return link;
}
