import assert from "node:assert/strict";
import test from "node:test";

import { readable as at } from "../../web/model/readable.js";
import { bob, event, joined, message } from "./fixtures.js";

const readable = (frame) => at(frame, 7);
const newer = (seq, kind, more = {}) => ({ type: "newer", kind, room: "dev", seq, at: 1_795_412_100_000 + seq, by: bob, ...more });

test("what is known stays as it is", () => {
  for (const frame of [message(1), event("topic", 2, { topic: "" }), { type: "pong", id: 3, at: 4 }, { type: "read", room: "dev", seq: 7 }, event("pinned", 3, { target: 1, id: null })]) {
    assert.deepEqual(readable(frame), frame);
  }
});

test("an event of an unknown kind takes its place as a newer one", () => {
  assert.deepEqual(readable(event("poll", 5, { question: "?" })), newer(5, "poll"));
  assert.deepEqual(readable(event("constructor", 5)), newer(5, "constructor"));
});

test("an event with odd fields is a newer one as well", () => {
  const odd = [
    message(5, { text: 7 }), message(5, { mentions: "all" }), message(5, { files: [{ id: "x" }] }), message(5, { reactions: [{ emoji: "👍" }] }),
    event("topic", 5), event("edited", 5, { target: -1, text: "x" }), event("member", 5, { user: { id: 1 }, change: "left" }),
  ];
  for (const frame of odd) assert.equal(readable(frame).type, "newer", JSON.stringify(frame));
});

test("without an author or a time it is still an event", () => {
  assert.deepEqual(readable(message(5, { by: "bob" })), newer(5, "message", { by: { id: 0, name: "" } }));
  assert.equal(readable(message(5, { at: "now" })).at, 7);
});

test("ephemeral frames of newer servers are no events", () => {
  for (const type of ["alert", "draft", "report", "status"]) assert.equal(readable({ type, room: "dev", seq: 5 }).type, type);
});

test("signals with odd fields are dropped", () => {
  assert.equal(readable({ type: "typing", room: "dev", user: "bob" }), null);
  assert.equal(readable({ type: "presence", room: "dev", online: [bob], offline: [{}], online_count: 1 }), null);
  assert.notEqual(readable({ type: "presence", room: "dev", online: [bob], offline: [], online_count: 1 }), null);
});

test("pages keep their place in time, and lose entries that are no events", () => {
  const page = readable(joined([message(1), { type: "poll", room: "dev", seq: 2 }, 7, null, { type: "message" }, message(3)]));
  assert.deepEqual(page.messages.map(({ type, seq, at }) => [type, seq, at]), [
    ["message", 1, 1_795_412_100_001], ["newer", 2, 1_795_412_100_001], ["message", 3, 1_795_412_100_003],
  ]);
});

test("what is no frame is none", () => {
  for (const said of [null, 7, "hello", [], {}, { type: 7 }]) assert.equal(readable(said), null);
});
