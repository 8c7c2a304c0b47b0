import assert from "node:assert/strict";
import test from "node:test";

import { beginningOf, gist, label, sizeOf, span, told, toldMe, whereTo } from "../../web/model/words.js";
import { alice, bob, carol, event } from "./fixtures.js";

test("lengths of time are rounded up", () => {
  const given = [0, 60_000, 61_000, 119 * 60_000, 121 * 60_000, 47 * 3_600_000, 49 * 3_600_000];
  assert.deepEqual(given.map(span), ["a minute", "a minute", "2 minutes", "119 minutes", "3 hours", "47 hours", "3 days"]);
});

test("sizes have two digits", () => {
  assert.deepEqual([0, 1, 1023, 1024, 1536, 10 * 1024 ** 2, 3.21 * 1024 ** 3, 5000 * 1024 ** 3].map(sizeOf), ["0 bytes", "1 byte", "1023 bytes", "1.0 KiB", "1.5 KiB", "10 MiB", "3.2 GiB", "5000 GiB"]);
});

test("a direct room is called by the other user", () => {
  const direct = (user) => label({ name: "@1-2", kind: "direct", user });
  assert.deepEqual([label({ name: "dev", kind: "public" }), direct(bob), direct({ id: 2, name: "deleted-2" }), direct({ id: 3, name: "deleted-2" })], ["#dev", "@bob", "deleted user", "@deleted-2"]);
});

test("a room says where it begins", () => {
  const room = (kind) => beginningOf({ name: "dev", kind, user: bob });
  assert.deepEqual([room("private"), room("direct")], ["Beginning of #dev.", "Beginning of your conversation with bob."]);
});

test("a message without words is its files", () => {
  assert.equal(gist({ text: "", files: [{ name: "a.png" }, { name: "b.txt" }] }), "📎 a.png, 📎 b.txt");
  assert.equal(gist({ text: "see", files: [{ name: "a.png" }] }), "see");
  assert.equal(gist({}), "");
});

test("every event has a line", () => {
  const member = (change, more) => told(event("member", 1, { user: carol, change, ...more }));
  assert.equal(told(event("topic", 1, { topic: "Ship it" })), "bob set the topic: Ship it");
  assert.equal(told(event("topic", 1, { topic: "" })), "bob removed the topic");
  assert.equal(told(event("newer", 1, { kind: "poll" })), "a newer kind of event (poll)");
  assert.equal(told(event("pinned", 1)), "bob pinned a message");
  assert.equal(member("joined"), "carol joined");
  assert.equal(member("muted", { until: event("", 1).at + 600_000, reason: "loud" }), "bob muted carol for 10 minutes (loud)");
  assert.equal(member("banned", { everywhere: true }), "bob banned carol on the whole server");
  assert.equal(member("role", { role: "owner" }), "bob made carol an owner");
  assert.equal(member("crowned"), "bob: crowned carol");
});

test("what is done to the person says who, where and why", () => {
  const room = { name: "dev", kind: "public" };
  const me = (change, more) => toldMe(event("member", 1, { user: alice, change, ...more }), room);
  assert.equal(me("banned", { reason: "spam", everywhere: true }), "bob banned you from the server: spam");
  assert.equal(me("muted", { reason: "loud" }), "bob muted you in #dev: loud");
  assert.equal(me("joined"), null);
});

test("the composer says where a message goes", () => {
  const room = { name: "dev", kind: "public", muted: null };
  assert.deepEqual([whereTo(null, 0), whereTo(room, 0)], ["Message", "Message to #dev"]);
  assert.match(whereTo({ ...room, muted: { until: 600_000, reason: "loud" } }, 0), /10 minutes: loud$/);
});
