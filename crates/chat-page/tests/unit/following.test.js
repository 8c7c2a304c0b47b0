import assert from "node:assert/strict";
import test from "node:test";

import { asking } from "../../web/actions/asking.js";
import { following } from "../../web/actions/following.js";
import { alice, bob, event, joined, listening, message, showsDev } from "./fixtures.js";

/** Runs the followers of a frame, and returns what they did. */
function follow(frame, outcome = null, room = null) {
  const { state, shown } = showsDev({ from: 1, head: 3 });
  const { notes, told } = listening();
  const did = [];
  const doing = (what) => (...given) => did.push([what, ...given]);
  const all = following({
    state, shown, notes, changed: doing("changed"),
    connection: { resume: doing("resume") }, outbox: { remove: doing("remove") }, lister: { follow: () => {} }, session: { askWho: doing("askWho") },
    navigation: { join: doing("join"), showNext: doing("showNext") },
  });
  for (const one of all) one(frame, outcome, room);
  assert.deepEqual(did.pop(), ["changed"]);
  return { did, told };
}

test("a gap breaks the connection, a reset reads the room shown anew", () => {
  assert.deepEqual(follow(message(9), "resume").did, [["resume"]]);
  const reset = (room) => follow({ type: "reset", room, head: 9 }, "load").did;
  assert.deepEqual([reset("dev"), reset("other")], [[["join", "dev", false]], []]);
});

test("one's own message leaves the outbox when it comes back", () => {
  assert.deepEqual(follow(message(4, { by: alice, nonce: "a" })).did, [["remove", "a"]]);
  assert.deepEqual(follow(message(4, { by: bob, nonce: "a" })).did, []);
});

test("who is removed is told, and sees another room", () => {
  const room = { name: "dev", kind: "public" };
  const kicked = follow(event("member", 4, { user: alice, change: "kicked", reason: "loud" }), "gone", room);
  assert.deepEqual(kicked.did, [["showNext"]]);
  assert.match(kicked.told[0], /^! .*#dev.*loud/);
  assert.match(follow(event("member", 4, { user: alice, change: "unmuted" }), "told", room).told[0], /^bob/);
});

test("the end of a login asks who comes next", () => {
  assert.deepEqual(follow({ type: "error", id: null, code: "banned", message: "You are banned." }).did, [["askWho", "You are banned."]]);
  assert.deepEqual(follow({ type: "goodbye", code: "revoked", text: "Ended.", reconnect_after_ms: null }).did, [["askWho", "Ended."]]);
  assert.deepEqual(follow({ type: "error", id: 7, code: "banned", message: "" }).did, []);
  assert.deepEqual(follow({ type: "goodbye", code: "restart", text: "", reconnect_after_ms: 1 }).did, []);
});

test("notices and direct rooms that others open are told", () => {
  assert.deepEqual(follow({ type: "notice", code: "invited", text: "bob invites you to #den.", room: "den" }).told, ["bob invites you to #den. /join den"]);
  const direct = joined([], { id: null, room: { name: "@1-2", kind: "direct", topic: "", head: 0, user: bob } });
  assert.match(follow(direct).told[0], /^bob /);
  assert.deepEqual(follow(joined([])).told, []);
});

test("a refusal is told, but a break only for what the person asked for", async () => {
  const { notes, told } = listening();
  const ask = asking({ ask: async ({ type }) => {
    if (type === "ping") return "pong";
    throw { code: ["topic", "history"].includes(type) ? "offline" : "forbidden", message: type };
  } }, notes);
  assert.deepEqual([await ask({ type: "ping" }), await ask({ type: "topic" }), await ask({ type: "history" }), await ask({ type: "read" })], ["pong", null, null, null]);
  assert.deepEqual(told, ["! topic", "! read"]);
});
