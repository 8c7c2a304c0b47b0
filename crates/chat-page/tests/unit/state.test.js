import assert from "node:assert/strict";
import test from "node:test";

import { clear, createState, cursors, ordered } from "../../web/model/state.js";
import { alice, bob, event, inDev, joined, message, summary, take, welcome } from "./fixtures.js";

test("welcome brings the person and their rooms", () => {
  const state = createState();
  take(state, [welcome([summary("dev", { head: 7, unread: 2, mentions: 1, topic: "Ship it", role: "owner" })])]);
  assert.equal(state.me.name, "alice");
  const { topic, role, cursor, unread, mentions } = state.rooms.get("dev");
  assert.deepEqual({ topic, role, cursor, unread, mentions }, { topic: "Ship it", role: "owner", cursor: 7, unread: 2, mentions: 1 });
  assert.deepEqual(cursors(state), { dev: 7 });
});

test("rooms that the person has left are gone after a break, but not the one on the screen", () => {
  const state = createState();
  take(state, [welcome([summary("a"), summary("b"), summary("c")])]);
  take(state, [welcome([summary("a")])], { shown: "c" });
  assert.deepEqual([...state.rooms.keys()], ["a", "c"]);
});

test("nothing of one person is shown to another one", () => {
  const { state } = inDev({ from: 1, head: 3 });
  assert.equal(take(state, [welcome([summary("general")], { user: { ...alice, id: 9 } })], { shown: "dev" }), "switched");
  assert.deepEqual([...state.rooms.keys()], ["general"]);
  assert.equal(take(state, [welcome([summary("general")], { user: { ...alice, id: 9 } })]), null);
});

test("events come once and in order, and a gap is never passed", () => {
  const { state, room } = inDev({ from: 1, head: 3 });
  assert.equal(take(state, [message(4)]), null);
  assert.equal(take(state, [message(4, { text: "again" })]), null);
  assert.equal(take(state, [message(6)]), "resume");
  assert.deepEqual(room.items.map(({ seq, text }) => [seq, text]).slice(-2), [[3, "text 3"], [4, "text 4"]]);
  assert.equal(room.cursor, 4);
});

test("an event of a room that the person is not in changes nothing", () => {
  const { state } = inDev({ from: 1, head: 3 });
  assert.equal(take(state, [message(1, { room: "constructor" })]), null);
  assert.deepEqual([...state.rooms.keys()], ["dev"]);
});

test("reset drops what is held, and asks for the room anew", () => {
  const { state, room } = inDev({ from: 1, head: 3 });
  assert.equal(take(state, [{ type: "reset", room: "dev", head: 2 }]), "load");
  assert.deepEqual([room.items, room.cursor, room.loaded], [[], 2, false]);
});

test("an edit of an earlier message is no line of its own, a pin is one", () => {
  const { state, room } = inDev({ from: 1, head: 3 });
  take(state, [event("edited", 4, { target: 3, text: "new" }), event("pinned", 5, { target: 3 }), event("unpinned", 6, { target: 3 })]);
  assert.deepEqual(room.items.map(({ type }) => type), ["message", "message", "message", "pinned"]);
});

test("what is done to the person is told, and ends the room if they are removed", () => {
  const { state, room } = inDev({ from: 1, head: 1 });
  const change = (seq, what, more) => event("member", seq, { user: alice, change: what, ...more });
  assert.equal(take(state, [event("member", 2, { user: bob, change: "muted" })]), null);
  assert.equal(take(state, [change(3, "muted", { until: 5, reason: "loud" })]), "told");
  assert.deepEqual(room.muted, { until: 5, reason: "loud" });
  assert.equal(take(state, [change(4, "unmuted")]), "told");
  assert.equal(room.muted, null);
  take(state, [change(5, "role", { role: "moderator" })]);
  assert.equal(room.role, "moderator");
  take(state, [change(6, "role", { role: "admin", everywhere: true })]);
  assert.equal(room.role, "moderator");
  assert.equal(take(state, [change(7, "kicked")]), "gone");
  assert.deepEqual([[...state.rooms.keys()], state.others], [[], ["dev"]]);
});

test("typing ends with the message, and one's own is not shown", () => {
  const { state, room } = inDev({ from: 1, head: 1 });
  take(state, [{ type: "typing", room: "dev", user: bob }, { type: "typing", room: "dev", user: alice }]);
  assert.deepEqual([...room.typing.values()], [{ ...bob, since: 1000 }]);
  take(state, [message(2)]);
  assert.equal(room.typing.size, 0);
});

test("a new public room is offered once, and not if the person is in it", () => {
  const { state } = inDev({ from: 1, head: 1 });
  const told = (room) => ({ type: "room", room, kind: "public", topic: "", head: 0 });
  take(state, [told("new"), told("new"), told("dev")]);
  assert.deepEqual(state.others, ["new"]);
  take(state, [joined([], { room: { name: "new", kind: "public", topic: "", head: 0 } })]);
  assert.deepEqual(state.others, []);
});

test("cursors of a former log count until the first answer to a later command", () => {
  const { state } = inDev({ from: 1, head: 3 });
  const server = { name: "chat", version: "1", default_room: "general", log: "b" };
  take(state, [welcome([summary("dev", { head: 2 })], { server })]);
  assert.deepEqual([state.log, cursors(state)], ["a", { dev: 3 }]);
  take(state, [{ type: "rooms", id: 2, rooms: [], more: false }]);
  assert.equal(state.log, "b");
});

test("rooms stand by name, and direct ones after them by the other user", () => {
  const state = createState();
  const direct = (id, user) => summary(`@1-${id}`, { kind: "direct", user });
  take(state, [welcome([direct(2, { id: 2, name: "zoe" }), summary("b"), direct(3, { id: 3, name: "carl" }), summary("a")])]);
  assert.deepEqual(ordered(state).map(({ name }) => name), ["a", "b", "@1-3", "@1-2"]);
});

test("who leaves takes everything along", () => {
  const { state } = inDev({ from: 1, head: 3 });
  clear(state);
  assert.deepEqual([state.me, state.log, state.rooms.size, state.others], [null, null, 0, []]);
});

test("what the person sees as it comes is not unread, unless the room is marked as unread", () => {
  const { state, room } = inDev({ from: 1, head: 3 });
  const looking = { shown: "dev", reading: true };
  take(state, [message(4)], looking);
  assert.deepEqual([room.unread, room.read, room.seenLive], [0, 3, 4]);
  take(state, [{ type: "read", room: "dev", seq: 1 }], looking);
  assert.deepEqual([room.unread, room.keptUnread], [3, true]);
  take(state, [message(5)], looking);
  assert.equal(room.unread, 4);
  take(state, [message(6)], { shown: "general", reading: true });
  assert.equal(room.unread, 5);
});

test("a page of rooms does not undo a mark that is on its way", () => {
  const { state, room } = inDev({ from: 1, head: 9 });
  const told = { type: "rooms", id: 3, rooms: [summary("dev", { head: 9, read: 2, unread: 7 })], more: false };
  room.marking = 1;
  take(state, [told]);
  assert.deepEqual([room.read, room.unread], [9, 0]);
  room.marking = 0;
  take(state, [told]);
  assert.deepEqual([room.read, room.unread], [2, 7]);
  take(state, [message(10), { ...told, rooms: [summary("dev", { head: 8, read: 0, unread: 8 })] }]);
  assert.equal(room.read, 2);
});
