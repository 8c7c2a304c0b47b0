// The title of the tab: unread messages in all rooms, the current room, the server.

import { label } from "../model/words.js";
import { shortly } from "./room-list.js";

/** @param {page.State} state @param {page.Room | null} room */
export function renderTitle({ rooms, server }, room) {
  const unread = [...rooms.values()].reduce((sum, one) => sum + one.unread, 0);
  document.title = `${unread ? `(${shortly(unread)}) ` : ""}${room ? `${label(room)} – ` : ""}${server?.name ?? "chat"}`;
}
