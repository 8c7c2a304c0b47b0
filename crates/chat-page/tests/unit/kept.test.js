import assert from "node:assert/strict";
import test from "node:test";

import { useStorage } from "./fixtures.js";

/** Loads the module again, as after a reload. */
let loads = 0;
const load = () => import(`../../web/net/kept.js?${loads++}`);

test("what is kept is there after a reload", async () => {
  useStorage();
  (await load()).set("name", "alice");
  const kept = await load();
  assert.deepEqual([kept.get("name"), kept.get("other")], ["alice", null]);
  kept.set("name", null);
  assert.equal((await load()).get("name"), null);
});

test("a browser that keeps nothing: it works for this visit, and the person is told once", async () => {
  const no = () => {
    throw new Error("SecurityError");
  };
  globalThis.localStorage = { getItem: no, setItem: no, removeItem: no };
  const kept = await load();
  let told = 0;
  kept.onlyThisVisit(() => told++);
  kept.set("name", "alice");
  assert.deepEqual([kept.get("name"), kept.get("other"), told], ["alice", null, 1]);
});

test("a full storage never brings back what was there before", async () => {
  const storage = useStorage(5);
  const kept = await load();
  let told = 0;
  kept.onlyThisVisit(() => told++);
  kept.set("outbox", "small");
  assert.equal(told, 0);
  kept.set("outbox", "too large");
  assert.deepEqual([kept.get("outbox"), told], ["too large", 1]);
  kept.set("outbox", "fits");
  assert.deepEqual([kept.get("outbox"), storage.get("chat.outbox"), told], ["fits", "fits", 1]);
});

test("who asks late is told at once", async () => {
  useStorage(2);
  const kept = await load();
  kept.set("name", "alice");
  let told = 0;
  kept.onlyThisVisit(() => told++);
  assert.equal(told, 1);
});
