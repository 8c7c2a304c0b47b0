// The header of the conversation: the room's name, kind and topic.

import { label } from "../model/words.js";
import { element } from "./dom.js";

/** Kinds of rooms that are not labelled. */
const PLAIN = ["public", "direct"];

export class Header {
  #name = element("room-name");
  #kind = element("room-kind");
  #topic = element("room-topic");

  /** @param {page.Room | null} room */
  render(room) {
    this.#name.textContent = room ? label(room) : "";
    this.#kind.textContent = room?.kind ?? "";
    this.#kind.hidden = !room || PLAIN.includes(room.kind);
    this.#topic.textContent = room?.topic ?? "";
  }
}
