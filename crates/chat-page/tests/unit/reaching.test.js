// Navigation in a room's log: pages, a jump to a message, and to missed messages.

import assert from "node:assert/strict";
import test from "node:test";

import { History } from "../../web/actions/history.js";
import { Missed } from "../../web/actions/missed.js";
import { Seeking } from "../../web/actions/seeking.js";
import { Pace } from "../../web/model/pace.js";
import { answering, listening, message, messages, showsDev } from "./fixtures.js";

const page = (items, more) => ({ type: "messages", id: 1, room: "dev", messages: items, more });

/** The parts for navigation in #dev, with a server that answers with these. */
function ways(given, ...answers) {
  const dev = showsDev(given);
  const { ask, asked } = answering(...answers);
  const { notes, told } = listening();
  const went = [];
  const seeking = new Seeking(dev.state, dev.shown, ask, (room) => went.push(room));
  const history = new History(dev.state, dev.shown, ask, new Pace(), () => {});
  return { ...dev, asked, told, went, seeking, history, missed: new Missed(dev.state, dev.shown, ask, seeking, notes) };
}

const first = ({ room }) => room.items[0].seq;

test("an older page is asked for before what is held, one at a time", async () => {
  const dev = ways({ from: 50, head: 99 }, page(messages(10, 49), true));
  const loading = dev.history.older();
  assert.equal(dev.history.isLoading(dev.room), true);
  dev.history.older();
  await loading;
  assert.deepEqual(dev.asked, [{ type: "history", room: "dev", before: 50, limit: 100 }]);
  assert.deepEqual([first(dev), dev.history.isLoading(dev.room)], [10, false]);
});

test("at the beginning of the room nothing is asked for", async () => {
  const dev = ways({ from: 1, head: 9 });
  await dev.history.older();
  await dev.history.newer();
  assert.equal(dev.asked.length, 0);
});

test("an older page that comes too late is dropped", async () => {
  const dev = ways({ from: 50, head: 99 }, page(messages(10, 49), true));
  const loading = dev.history.older();
  dev.room.items = messages(90, 99);
  await loading;
  assert.equal(first(dev), 90);
});

test("a page that does not come can be asked for again", async () => {
  const dev = ways({ from: 50, head: 99 }, null, page(messages(10, 49), false));
  await dev.history.older();
  await dev.history.older();
  assert.deepEqual([first(dev), dev.room.more], [10, false]);
});

test("a message that is held is gone to at once", async () => {
  const dev = ways({ from: 50, head: 99 });
  await dev.seeking.seek("dev", 70);
  assert.deepEqual([dev.view.target, dev.went, dev.asked], [70, ["dev"], []]);
});

test("any other one is read with those around it", async () => {
  const dev = ways({ from: 50, head: 99 }, page([message(8), message(11), message(12)], true), page(messages(13, 99), false));
  await dev.seeking.seek("dev", 10);
  assert.deepEqual([dev.asked[0].around, dev.view.target, dev.room.detached], [10, 11, true]);
  await dev.history.newer();
  assert.deepEqual([dev.asked[1].after, dev.room.detached], [12, false]);
});

test("a message that is read with those around it is gone to, and not the one behind it", async () => {
  const dev = ways({ from: 50, head: 99 }, page(messages(5, 15), true));
  await dev.seeking.seek("dev", 10);
  assert.equal(dev.view.target, 10);
});

test("behind the last message of a room is its last one", async () => {
  const dev = ways({ from: 50, head: 99 }, page(messages(5, 8), true));
  await dev.seeking.seek("dev", 10);
  assert.equal(dev.view.target, 8);
});

test("a message that cannot be read leaves everything as it is", async () => {
  const dev = ways({ from: 50, head: 99 }, null);
  await dev.seeking.seek("dev", 10);
  await dev.seeking.seek("nowhere", 10);
  assert.deepEqual([dev.view.target, first(dev), dev.went], [null, 50, ["dev"]]);
});

test("the first unread message is the one behind the line", async () => {
  const dev = ways({ from: 50, head: 99 });
  await dev.missed.toUnread();
  assert.deepEqual([dev.told.length, dev.view.target], [1, null]);
  dev.view.divider = 79;
  await dev.missed.toUnread();
  assert.equal(dev.view.target, 80);
});

test("mentions are gone to one after the other, and then there are no more", async () => {
  const dev = ways({ from: 50, head: 99 });
  Object.assign(dev.view, { divider: 59, missed: { unread: 40, mentions: 2 } });
  for (const seq of [55, 65, 75]) dev.room.items[seq - 50].mentions = ["alice"];
  const went = [];
  for (let n = 0; n < 3; n++) {
    await dev.missed.toMention();
    went.push(dev.view.mentionAt);
  }
  assert.deepEqual([went, dev.told.length, dev.view.missed.mentions], [[65, 75, null], 1, 0]);
});

test("a mention that is not held is looked for page by page", async () => {
  const there = message(30, { mentions: ["alice"] });
  const dev = ways({ from: 50, head: 99 }, page(messages(10, 20), true), page([message(21), there], true), page([message(29), there], true));
  dev.view.divider = 9;
  await dev.missed.toMention();
  assert.deepEqual(dev.asked.map(({ after, around }) => [after, around]), [[9, undefined], [20, undefined], [undefined, 30]]);
  assert.deepEqual([dev.view.mentionAt, dev.view.target], [30, 30]);
});

test("one's own messages are no mentions", async () => {
  const dev = ways({ from: 1, head: 9 });
  Object.assign(dev.room.items[4], { by: dev.state.me, mentions: ["alice"] });
  dev.view.divider = 2;
  await dev.missed.toMention();
  assert.equal(dev.view.mentionAt, null);
});
