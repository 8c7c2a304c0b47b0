// Summaries of all rooms: in `welcome`, and in the pages of `rooms`.

import { recount, setTally } from "./counts.js";
import { createRoom, setMine } from "./room.js";

/** Takes who the person is and which rooms they are in. The room on the screen stays until another one is shown. Returns
 * whether the person is now another user.
 * @param {page.State} state @param {wire.Welcome} frame @param {string | null} shown */
export function welcome(state, frame, shown) {
  const joined = new Set(frame.rooms.map((room) => room.name));
  // In a new epoch, each joined room gets its missed events or a reset. Until the next reply, which follows these,
  // the cursors belong to the former epoch. Nothing is known about other rooms.
  if (state.log !== null && state.log !== frame.server.log) {
    for (const room of state.rooms.values()) if (!joined.has(room.name)) Object.assign(room, { cursor: null, items: [], loaded: false, more: true });
  }
  state.log ??= frame.server.log;
  // Another tab may have logged in as another user.
  const isOther = state.me !== null && state.me.id !== frame.user.id;
  if (isOther) state.rooms.clear();
  Object.assign(state, { me: frame.user, server: frame.server, limits: frame.limits });
  for (const name of state.rooms.keys()) if (!joined.has(name) && name !== shown) state.rooms.delete(name);
  for (const summary of frame.rooms) takeJoined(state, summary);
  return isOther;
}

/** @param {page.State} state @param {wire.RoomSummary} summary */
function takeJoined(state, summary) {
  const room = state.rooms.get(summary.name) ?? createRoom(summary.name);
  const { topic, notify, head, read } = summary;
  // The head is lower than before if the server was restored from a copy.
  Object.assign(room, { topic, notify, head, read, seenLive: 0 });
  setMine(room, summary);
  room.cursor ??= head;
  room.typing.clear();
  // Events after that head that arrived before the break arrive again.
  room.tally.later.clear();
  room.tally.changes = [];
  setTally(room, summary);
  recount(state, room);
  state.rooms.set(room.name, room);
}

/** Takes a page of all rooms that the person may see.
 * @param {page.State} state @param {wire.Rooms} frame */
export function takeSummaries(state, frame) {
  state.log = state.server?.log ?? null;
  for (const summary of frame.rooms) {
    const room = summary.joined ? state.rooms.get(summary.name) : undefined;
    // A newer reply has overtaken this one.
    if (!room || summary.head < room.tally.head) continue;
    // The mark in the reply is older than one that is being sent to the server.
    if (room.marking === 0) room.read = summary.read;
    setTally(room, summary);
    recount(state, room);
  }
}
