import assert from "node:assert/strict";
import test from "node:test";

import { addNewer, addOlder, createRoom, expireMute, insert, join, jump } from "../../web/model/room.js";
import { joined, message, messages } from "./fixtures.js";

const seqs = (room) => room.items.map(({ seq }) => seq);
const page = (items, more) => ({ type: "messages", id: 3, room: "dev", messages: items, more });

test("a line is put in its place, once", () => {
  const room = createRoom("dev");
  for (const seq of [5, 2, 9, 5, 1, 7]) insert(room, message(seq));
  assert.deepEqual(seqs(room), [1, 2, 5, 7, 9]);
});

test("what is held is bounded, and what was dropped can be loaded again", () => {
  const room = Object.assign(createRoom("dev"), { more: false });
  for (const item of messages(1, 2005)) insert(room, item);
  assert.deepEqual([room.items.length, room.items[0].seq, room.more], [2000, 6, true]);
});

test("a room newly joined counts as read", () => {
  const room = createRoom("dev");
  join(room, joined(messages(3, 7)), true);
  assert.deepEqual([seqs(room), room.read, room.cursor, room.more], [[3, 4, 5, 6, 7], 7, 7, true]);
});

test("the newest messages join those held, unless there is a gap", () => {
  const room = createRoom("dev");
  join(room, joined(messages(1, 3)), true);
  assert.equal(room.more, false);
  join(room, joined(messages(4, 6)), false);
  assert.deepEqual(seqs(room), [1, 2, 3, 4, 5, 6]);
  join(room, joined(messages(8, 9)), false);
  assert.deepEqual([seqs(room), room.more], [[8, 9], true]);
});

test("an older page goes before what is held", () => {
  const room = createRoom("dev");
  join(room, joined(messages(6, 8)), true);
  addOlder(room, page(messages(4, 6), false));
  assert.deepEqual([seqs(room), room.more], [[4, 5, 6, 7, 8], false]);
});

test("a jump detaches, and the last newer page attaches again", () => {
  const room = createRoom("dev");
  join(room, joined(messages(90, 99)), true);
  jump(room, page(messages(10, 20), true));
  assert.deepEqual([seqs(room)[0], room.detached], [10, true]);
  addNewer(room, page(messages(21, 30), true));
  assert.equal(room.detached, true);
  addNewer(room, page(messages(31, 99), false));
  assert.deepEqual([room.items.length, room.detached], [90, false]);
  addNewer(room, page([message(200)], false));
  assert.equal(seqs(room).at(-1), 99);
});

test("joining again leaves a detached stretch", () => {
  const room = createRoom("dev");
  join(room, joined(messages(90, 99)), true);
  jump(room, page(messages(10, 20), true));
  join(room, joined(messages(90, 99)), false);
  assert.deepEqual([seqs(room).length, seqs(room)[0], room.detached], [10, 90, false]);
});

test("a mute ends by the clock, if it has an end", () => {
  const room = Object.assign(createRoom("dev"), { muted: { until: 500 } });
  expireMute(room, 499);
  assert.notEqual(room.muted, null);
  expireMute(room, 500);
  assert.equal(room.muted, null);
  room.muted = {};
  expireMute(room, 1e15);
  assert.deepEqual(room.muted, {});
});
