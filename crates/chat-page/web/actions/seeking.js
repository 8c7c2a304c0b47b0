// Jumps to a message, wherever it is in a room's log.

import { isMessage } from "../model/counts.js";
import { jump } from "../model/room.js";

/** How many messages are read around one that is not held. */
const AROUND = 100;

export class Seeking {
  #state;
  #shown;
  #ask;
  #show;

  /** @param {page.State} state
   * @param {import("../model/shown.js").Shown} shown
   * @param {page.Ask} ask
   * @param {(room: string) => void} show */
  constructor(state, shown, ask, show) {
    this.#state = state;
    this.#shown = shown;
    this.#ask = ask;
    this.#show = show;
  }

  /** Shows a message among those around it. If the seq is not a message, shows the next one.
   * @param {string} name @param {wire.Seq} seq */
  async seek(name, seq) {
    const room = this.#state.rooms.get(name);
    if (!room) return;
    const target = held(room, seq) ?? (await this.#read(room, seq));
    if (target !== null) this.#shown.of(room).target = target;
    this.#show(name);
  }

  /** Reads the messages around a seq, and replaces the held ones by them.
   * @param {page.Room} room @param {wire.Seq} seq */
  async #read(room, seq) {
    const page = await this.#ask({ type: "history", room: room.name, around: seq, limit: AROUND });
    const found = page?.messages.find((message) => message.seq >= seq) ?? page?.messages.at(-1);
    if (!page || !found) return null;
    jump(room, page);
    return found.seq;
  }
}

/** Returns the message if it is held, or null if an earlier one could be meant.
 * @param {page.Room} room @param {wire.Seq} seq */
function held(room, seq) {
  const at = room.items.findIndex((item) => isMessage(item) && item.seq >= seq);
  const found = room.items[at]?.seq;
  if (found === undefined || (at === 0 && found !== seq && room.more)) return null;
  return found;
}
