import assert from "node:assert/strict";
import test from "node:test";

import { settled, useStorage } from "./fixtures.js";

useStorage();
const { Outbox } = await import("../../web/net/outbox.js");

/** Alice's outbox, and a server that the test answers for. */
function open(storage = useStorage()) {
  const sent = [];
  const send = (frame) => new Promise((resolve, reject) => sent.push({ frame, resolve, reject }));
  let changes = 0;
  const outbox = new Outbox(send, () => changes++);
  outbox.owner = 1;
  return { outbox, sent, storage, changes: () => changes, texts: () => sent.map(({ frame }) => frame.text) };
}
const entry = (nonce, more = {}) => ({ nonce, room: "dev", text: nonce, ...more });

test("of each room one message is under way, in order", async () => {
  const { outbox, sent, texts } = open();
  outbox.add(entry("a"));
  outbox.add(entry("b"));
  outbox.add(entry("c", { room: "general" }));
  assert.deepEqual(texts(), ["a", "c"]);
  sent[0].resolve();
  await settled();
  assert.deepEqual(texts(), ["a", "c", "b"]);
  assert.deepEqual(outbox.of("dev").map(({ nonce }) => nonce), ["b"]);
});

test("what is sent has its reply and the ids of its files", () => {
  const { outbox, sent } = open();
  outbox.add(entry("a", { reply_to: 7, files: [{ id: "f1", name: "x" }] }));
  assert.deepEqual(sent[0].frame, { type: "send", room: "dev", nonce: "a", text: "a", reply_to: 7, files: ["f1"] });
});

test("without a connection it waits until there is one", async () => {
  const { outbox, sent, texts } = open();
  outbox.add(entry("a"));
  sent[0].reject({ code: "offline", message: "" });
  await settled();
  assert.deepEqual([texts(), outbox.waiting], [["a"], 1]);
  outbox.flush();
  assert.deepEqual(texts(), ["a", "a"]);
});

test("a wait that the server asks for is kept, and the same message goes again", async () => {
  const { outbox, sent, texts } = open();
  outbox.add(entry("a"));
  outbox.add(entry("b"));
  sent[0].reject({ code: "rate_limited", message: "", retry_after_ms: 1 });
  await settled();
  assert.deepEqual(texts(), ["a", "a"]);
});

test("a refused message says why, holds up no other, and goes again when asked", async () => {
  const { outbox, sent, texts } = open();
  outbox.add(entry("a"));
  outbox.add(entry("b"));
  sent[0].reject({ code: "muted", message: "You are muted." });
  await settled();
  assert.deepEqual(texts(), ["a", "b"]);
  assert.deepEqual([outbox.of("dev")[0].failed, outbox.waiting], ["You are muted.", 1]);
  sent[1].resolve();
  outbox.retry("a");
  await settled();
  assert.deepEqual(texts(), ["a", "b", "a"]);
});

test("what waits survives the page, for its author alone", () => {
  const { storage, outbox } = open();
  outbox.add(entry("a"));
  const again = open(storage);
  assert.deepEqual(again.outbox.of("dev").map(({ nonce }) => nonce), ["a"]);
  again.outbox.owner = 2;
  assert.deepEqual([again.outbox.of("dev"), again.outbox.waiting], [[], 0]);
  again.outbox.flush();
  assert.equal(again.sent.length, 0);
  again.outbox.clear();
  assert.equal(open(storage).outbox.waiting, 1);
});

test("who leaves takes their messages along, from the browser as well", () => {
  const { storage, outbox } = open();
  outbox.add(entry("a"));
  outbox.clear();
  assert.deepEqual([outbox.owner, open(storage).outbox.waiting], [null, 0]);
});

test("another tab's messages are not lost", () => {
  const { storage, outbox } = open();
  const tab = open(storage).outbox;
  outbox.add(entry("a"));
  tab.add(entry("b"));
  outbox.remove("a");
  assert.deepEqual(open(storage).outbox.of("dev").map(({ nonce }) => nonce), ["b"]);
});

test("what is kept and makes no sense is left out", () => {
  for (const text of ["{", "7", "null", '[null, {"nonce":"a"}, {"nonce":"b","room":"dev"}]']) {
    const storage = useStorage();
    storage.set("chat.outbox", text);
    assert.equal(open(storage).outbox.waiting, 0, text);
  }
});

test("it has an end", () => {
  const { outbox } = open();
  for (let n = 0; n < 1001; n++) outbox.add(entry(`n${n}`));
  assert.deepEqual([outbox.isFull, outbox.waiting], [true, 1000]);
});

test("every change is told", () => {
  const { outbox, changes } = open();
  outbox.add(entry("a"));
  outbox.remove("a");
  outbox.remove("a");
  assert.equal(changes(), 2);
});
