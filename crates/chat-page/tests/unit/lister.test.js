import assert from "node:assert/strict";
import test from "node:test";

import { Lister } from "../../web/actions/lister.js";
import { createRoom } from "../../web/model/room.js";
import { createState } from "../../web/model/state.js";
import { answering, settled, summary } from "./fixtures.js";

const page = (names, more = false) => ({ type: "rooms", id: 1, rooms: names.map((name) => summary(name, { joined: false })), more });

test("the list is read page by page, and has no room that the person joined meanwhile", async () => {
  const state = createState();
  const { ask, asked } = answering(page(["a", "b"], true), page(["c"]));
  state.rooms.set("b", createRoom("b"));
  await new Lister(state, ask).list();
  assert.deepEqual(asked.map(({ after }) => after), [undefined, "b"]);
  assert.deepEqual(state.others, ["a", "c"]);
});

test("a list that breaks off changes nothing", async () => {
  const state = createState();
  state.others = ["old"];
  await new Lister(state, answering(page(["a"], true)).ask).list();
  assert.deepEqual(state.others, ["old"]);
});

/** Lets timers of a second fire at once. */
const { setTimeout: real } = globalThis;
const hurried = () => (globalThis.setTimeout = (act) => real(act, 0));

test("questions while one is under way become one more", async () => {
  hurried();
  const open = [];
  const lister = new Lister(createState(), () => new Promise((resolve) => open.push(resolve)));
  lister.list();
  lister.follow({ type: "read", room: "dev", seq: 1 });
  lister.follow({ type: "read", room: "dev", seq: 2 });
  lister.follow({ type: "message" });
  assert.equal(open.length, 1);
  open[0](page([]));
  await settled();
  assert.equal(open.length, 2);
  open[1](page([]));
  await settled();
  assert.equal(open.length, 2);
});

test("numbers that only the server knows are asked for", async () => {
  hurried();
  const state = createState();
  const { ask, asked } = answering(page([]), page([]));
  const lister = new Lister(state, ask);
  state.isUncounted = true;
  lister.follow({ type: "message" });
  await settled();
  assert.deepEqual([asked.length, state.isUncounted], [1, false]);
});

test("nothing is asked while all numbers are known", () => {
  const { ask, asked } = answering();
  const lister = new Lister(createState(), ask);
  lister.follow({ type: "message" });
  lister.follow({ type: "read" });
  assert.equal(asked.length, 0);
});
