import assert from "node:assert/strict";
import test from "node:test";

import { has, mayActOn, mayGive } from "../../web/model/rights.js";
import { createRoom } from "../../web/model/room.js";
import { alice, bob } from "./fixtures.js";

const roomOf = (role, kind = "public") => Object.assign(createRoom("dev"), { role, kind });
const admin = { ...alice, role: "admin" };

test("who moderates", () => {
  const may = (me, room) => has("moderator", { me, room });
  assert.deepEqual([may(alice, roomOf("member")), may(alice, roomOf("moderator")), may(alice, roomOf("owner")), may(admin, roomOf("member"))], [false, true, true, true]);
  assert.deepEqual([may(alice, roomOf("owner", "direct")), may(admin, null), may(null, roomOf(null))], [false, false, false]);
});

test("guests, accounts and admins", () => {
  const needs = (me) => ["guest", "account", "admin", undefined].map((need) => has(need, { me, room: null }));
  assert.deepEqual(needs(null), [false, false, false, true]);
  assert.deepEqual(needs({ ...alice, kind: "guest" }), [true, false, false, true]);
  assert.deepEqual(needs(admin), [false, true, true, true]);
});

test("nobody acts on admins or on oneself, and moderators not on owners", () => {
  const may = (me, mine, member) => mayActOn({ me, room: roomOf(mine) }, { user: bob, role: "member", online: true, ...member });
  assert.deepEqual([may(alice, "member", {}), may(alice, "moderator", {}), may(alice, "moderator", { role: "owner" }), may(alice, "owner", { role: "owner" })], [false, true, false, true]);
  assert.deepEqual([may(admin, "member", { admin: true }), may(admin, "member", { role: "owner" }), may(alice, "owner", { user: alice })], [false, true, false]);
});

test("nobody gives a role above their own", () => {
  const gives = (role) => ["owner", "moderator", "member"].map((given) => mayGive({ me: alice, room: roomOf(role) }, given));
  assert.deepEqual([gives("member"), gives("moderator"), gives("owner")], [[false, false, false], [false, true, true], [true, true, true]]);
});
