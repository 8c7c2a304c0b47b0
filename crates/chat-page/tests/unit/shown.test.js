import assert from "node:assert/strict";
import test from "node:test";

import { Shown } from "../../web/model/shown.js";
import { createState } from "../../web/model/state.js";
import { event, message, showsDev, summary, take, welcome } from "./fixtures.js";

/** Handles frames as the page does. */
function follow({ state, shown }, frames, reading = false) {
  for (const frame of frames) {
    const before = shown.numbers();
    take(state, [frame], { shown: shown.name, reading });
    shown.follow(frame, before);
  }
}

test("a room with unread messages opens with a line above them", () => {
  const state = createState();
  take(state, [welcome([summary("dev", { head: 9, read: 4, unread: 5, mentions: 2 })])]);
  const shown = new Shown(state);
  shown.open("dev");
  const { divider, missed } = shown.of(shown.room);
  assert.deepEqual({ divider, missed }, { divider: 4, missed: { unread: 5, mentions: 2 } });
});

test("a room without unread messages opens without a line", () => {
  assert.equal(showsDev({ from: 1, head: 3 }).view.divider, null);
});

test("the first message that comes unseen gets the line, later ones leave it there", () => {
  const page = showsDev({ from: 1, head: 3 });
  follow(page, [message(4), message(5, { mentions: ["alice"] })]);
  assert.deepEqual([page.view.divider, page.view.missed], [3, { unread: 2, mentions: 1 }]);
  follow(page, [event("deleted", 6, { target: 5 })]);
  assert.deepEqual(page.view.missed, { unread: 1, mentions: 0 });
});

test("what the person reads as it comes is not missed", () => {
  const page = showsDev({ from: 1, head: 3 });
  follow(page, [message(4)], true);
  assert.deepEqual([page.view.divider, page.view.missed.unread], [null, 0]);
});

test("what another device reads is missed no more, and what it marks as unread is", () => {
  const page = showsDev({ from: 1, head: 3 });
  follow(page, [message(4), message(5), { type: "read", room: "dev", seq: 4 }]);
  assert.deepEqual([page.view.divider, page.view.missed.unread], [3, 1]);
  follow(page, [{ type: "read", room: "dev", seq: 2 }]);
  assert.deepEqual([page.view.divider, page.view.missed.unread], [2, 3]);
});

test("frames of other rooms change nothing here", () => {
  const page = showsDev({ from: 1, head: 3 });
  page.state.rooms.set("general", { ...page.room, name: "general" });
  follow(page, [message(4, { room: "general" })]);
  assert.deepEqual([page.view.divider, page.view.missed.unread], [null, 0]);
});

test("to open a room ends that it was kept unread", () => {
  const { shown, room } = showsDev({ from: 1, head: 3 });
  room.keptUnread = true;
  shown.open("dev");
  assert.equal(room.keptUnread, false);
});

test("what was missed is forgotten, the draft is not", () => {
  const { shown, room, view } = showsDev({ from: 1, head: 3 });
  Object.assign(view, { divider: 1, missed: { unread: 2, mentions: 1 }, mentionAt: 2, seenMentions: new Set([2]), draft: "half" });
  shown.forget(room);
  assert.deepEqual(shown.of(room), { divider: null, missed: { unread: 0, mentions: 0 }, mentionAt: null, seenMentions: new Set(), target: null, draft: "half" });
});

test("who comes back to a room begins anew there", () => {
  const { state, shown, view } = showsDev({ from: 1, head: 3 });
  view.draft = "half";
  assert.equal(shown.viewOf("dev").draft, "half");
  state.rooms.delete("dev");
  assert.deepEqual([shown.room, shown.viewOf("dev"), shown.viewOf(null)], [null, null, null]);
  take(state, [welcome([summary("dev")])]);
  assert.equal(shown.viewOf("dev").draft, "");
});
