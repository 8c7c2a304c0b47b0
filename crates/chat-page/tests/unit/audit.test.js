import assert from "node:assert/strict";
import test from "node:test";

import { audited, programOf } from "../../web/model/audit.js";

const entry = (action, more = {}) => audited({ at: 1, by: "alice", action, target: "bob", ...more });
const byOperator = (action, more) => entry(action, { by: "operator", ...more });

test("what moderators do in a room", () => {
  const room = "general";
  assert.equal(entry("mute", { room, reason: "loud" }), "alice muted bob in #general (loud)");
  assert.equal(entry("kick", { room }), "alice removed bob from #general");
  assert.equal(entry("invite", { room }), "alice invited bob to #general");
  assert.equal(entry("role", { room, reason: "owner" }), "alice made bob an owner in #general");
  assert.equal(entry("delete", { room, reason: "message 7" }), "alice deleted a message by bob in #general (message 7)");
});

test("what admins do on the server", () => {
  assert.equal(entry("ban", { target: "bob 203.0.113.7/32" }), "alice banned bob 203.0.113.7/32 from this server");
  assert.equal(entry("kick"), "alice removed bob from every room");
  assert.equal(entry("unmute"), "alice unmuted bob");
  assert.equal(entry("role", { reason: "admin" }), "alice made bob an admin");
});

test("what the operator does", () => {
  assert.equal(byOperator("user add", { reason: "admin" }), "The operator added the user bob, an admin");
  assert.equal(byOperator("user delete"), "The operator deleted the user bob");
  assert.equal(byOperator("room delete", { target: "dev" }), "The operator deleted #dev");
  assert.equal(byOperator("room delete", { target: "a room that is not public" }), "The operator deleted a room that is not public");
  assert.equal(byOperator("user invite", { target: "one person", reason: "good for 3 days" }), "The operator made an invitation code for one person (good for 3 days)");
});

test("what a newer server does is told as it says it", () => {
  assert.equal(entry("freeze", { room: "dev" }), "alice freeze bob in #dev");
  assert.equal(entry("constructor"), "alice constructor bob");
});

test("programs are told by what people know", () => {
  assert.deepEqual(["page/0.1.0", "chat-tui/0.1.0", "bot/3", ""].map(programOf), ["Web browser", "Terminal (chat-tui)", "bot/3", "Unknown program"]);
});
