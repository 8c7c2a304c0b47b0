import assert from "node:assert/strict";
import test from "node:test";

import { readUpTo } from "../../web/model/counts.js";
import { createState } from "../../web/model/state.js";
import { alice, event, inDev, message, summary, take, welcome } from "./fixtures.js";

const numbers = ({ unread, mentions }) => [unread, mentions];
const mention = { mentions: ["alice"] };

/** A room without held messages: only the server's numbers are known. */
function unopened(more) {
  const state = createState();
  take(state, [welcome([summary("dev", more)])]);
  return { state, room: state.rooms.get("dev") };
}

test("messages by others count, one's own do not, even if they mention oneself", () => {
  const { state, room } = inDev({ from: 1, head: 3 });
  take(state, [message(4), message(5, mention), message(6, { by: alice, ...mention })]);
  assert.deepEqual(numbers(room), [2, 1]);
});

test("a deleted message no longer counts, and an edit may add or remove a mention", () => {
  const { state, room } = inDev({ from: 1, head: 3 });
  take(state, [message(4), message(5, mention), event("deleted", 6, { target: 4 })]);
  assert.deepEqual(numbers(room), [1, 1]);
  take(state, [event("edited", 7, { target: 5, text: "x", mentions: [] })]);
  assert.deepEqual(numbers(room), [1, 0]);
});

test("without the messages, what comes is added to the server's numbers", () => {
  const { state, room } = unopened({ head: 50, read: 40, unread: 10, mentions: 2 });
  take(state, [message(51), message(52, mention)]);
  assert.deepEqual([numbers(room), state.isUncounted], [[12, 3], false]);
});

test("without the messages, a partial mark or a change behind the head must be asked for", () => {
  const partial = unopened({ head: 50, read: 40, unread: 10 });
  take(partial.state, [{ type: "read", room: "dev", seq: 45 }]);
  assert.deepEqual([numbers(partial.room), partial.state.isUncounted], [[10, 0], true]);

  const changed = unopened({ head: 50, read: 40, unread: 10 });
  take(changed.state, [event("deleted", 51, { target: 45 })]);
  assert.equal(changed.state.isUncounted, true);

  const before = unopened({ head: 50, read: 40, unread: 10 });
  take(before.state, [event("deleted", 51, { target: 30 })]);
  assert.equal(before.state.isUncounted, false);
});

test("a mark at the head needs no question", () => {
  const { state, room } = unopened({ head: 50, read: 40, unread: 10, mentions: 1 });
  take(state, [{ type: "read", room: "dev", seq: 50 }]);
  assert.deepEqual([numbers(room), state.isUncounted], [[0, 0], false]);
});

test("without the messages, an edit or a deletion of what came since is known", () => {
  const { state, room } = unopened({ head: 50, read: 40, unread: 10 });
  take(state, [message(51, mention), message(52), event("edited", 53, { target: 51, text: "x" }), event("edited", 54, { target: 52, text: "x", ...mention })]);
  assert.deepEqual(numbers(room), [12, 1]);
  take(state, [event("deleted", 55, { target: 52 })]);
  assert.deepEqual([numbers(room), state.isUncounted], [[11, 0], false]);
});

test("a change of what is read, or in a room without unread messages, changes no number", () => {
  for (const [more, target] of [[{ head: 50, read: 40, unread: 10 }, 40], [{ head: 50, read: 40 }, 45]]) {
    const { state } = unopened(more);
    take(state, [event("deleted", 51, { target })]);
    assert.equal(state.isUncounted, false, String(target));
  }
});

test("an answer that was overtaken by a change holds only if the change is of what is read", () => {
  for (const [target, isUncounted] of [[30, false], [40, false], [41, true], [50, true]]) {
    const { state } = unopened({ head: 50, read: 40 });
    take(state, [event("deleted", 51, { target })]);
    take(state, [{ type: "rooms", id: 4, rooms: [summary("dev", { head: 50, read: 40, unread: 10 })], more: false }]);
    assert.equal(state.isUncounted, isUncounted, String(target));
  }
});

test("an answer takes the place of what was counted, but not of what came after its head", () => {
  const { state, room } = unopened({ head: 50, read: 40, unread: 10 });
  take(state, [message(51), message(52), { type: "rooms", id: 4, rooms: [summary("dev", { head: 51, read: 40, unread: 11 })], more: false }]);
  assert.deepEqual(numbers(room), [12, 0]);
});

test("counting stops where the server's does", () => {
  const { state, room } = unopened({ head: 50_000, read: 0, unread: 10_000, mentions: 9_999 });
  take(state, [message(50_001, mention), message(50_002, mention)]);
  assert.deepEqual(numbers(room), [10_000, 10_000]);
});

test("the person has read up to the mark, or further what they saw", () => {
  const { room } = unopened({ head: 9, read: 4 });
  assert.equal(readUpTo(room), 4);
  assert.equal(readUpTo(Object.assign(room, { seenLive: 7 })), 7);
});
