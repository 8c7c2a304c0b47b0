// What the menus offer, and what the choices do.

import assert from "node:assert/strict";
import test from "node:test";

import { messageChoices } from "../../web/actions/message-choices.js";
import { pendingActs } from "../../web/actions/pending.js";
import { personChoices } from "../../web/actions/person-choices.js";
import { reacting } from "../../web/actions/reacting.js";
import { alice, answering, bob, message, showsDev } from "./fixtures.js";

/** #dev, where alice has the given role, and stubs of everything that choices do. */
function menus(mine = {}, me = {}) {
  const { state, shown, room, view } = showsDev({ from: 1, head: 3 });
  Object.assign(room, mine);
  Object.assign(state.me = { ...state.me }, me);
  const { ask, asked } = answering();
  const did = [];
  const doing = (what) => (...given) => did.push([what, ...given]);
  const needs = { state, shown, ask, write: doing("write"), pick: doing("pick"), direct: doing("direct"), act: doing("act"), confirm: doing("confirm") };
  return { state, shown, room, view, ask, asked, did, message: (item) => messageChoices(needs, item), person: (one) => personChoices(needs, one) };
}
const press = (choices, at) => choices[at][1]();
const member = (more) => ({ user: bob, role: "member", online: true, ...more });

test("a message of someone else can be replied to and reacted to", () => {
  const page = menus();
  const item = message(2);
  const choices = page.message(item);
  assert.equal(choices.length, 2);
  press(choices, 0);
  press(choices, 1);
  assert.deepEqual(page.did, [["write", { reply: item }], ["pick", item]]);
});

test("one's own can be edited and deleted as well", () => {
  const page = menus();
  const item = message(2, { by: alice });
  const choices = page.message(item);
  assert.equal(choices.length, 4);
  press(choices, 2);
  press(choices, 3);
  assert.deepEqual([page.did, page.asked], [[["write", { edit: item }]], [{ type: "delete", room: "dev", seq: 2 }]]);
});

test("moderators pin and delete, and in a direct room both may pin", () => {
  const page = menus({ role: "moderator" });
  press(page.message(message(2)), 2);
  press(page.message(message(2, { pinned: true })), 2);
  press(page.message(message(2)), 3);
  assert.deepEqual(page.asked.map(({ type }) => type), ["pin", "unpin", "delete"]);
  assert.equal(menus({ kind: "direct" }).message(message(2)).length, 3);
});

test("who is muted can only take their own back", () => {
  const page = menus({ muted: {} });
  assert.equal(page.message(message(2)).length, 0);
  press(page.message(message(2, { by: alice })), 0);
  assert.equal(page.asked[0].type, "delete");
});

test("with oneself there is nothing to do", () => {
  assert.deepEqual(menus({ role: "owner" }).person(member({ user: alice })), []);
});

test("a member can be written to; a moderator can do more", () => {
  const plain = menus();
  const choices = plain.person(member());
  assert.equal(choices.length, 1);
  press(choices, 0);
  assert.deepEqual(plain.did, [["direct", "bob"]]);

  const page = menus({ role: "moderator" });
  const all = page.person(member());
  for (const [, act] of all.slice(1)) act();
  assert.deepEqual(page.did, [
    ["confirm", "Remove bob", "from #dev", { type: "kick", user: "bob", room: "dev" }],
    ["confirm", "Mute bob", "in #dev", { type: "mute", user: "bob", room: "dev" }],
    ["confirm", "Ban bob", "from #dev", { type: "ban", user: "bob", room: "dev" }],
    ["act", { type: "role", role: "moderator", user: "bob", room: "dev" }],
  ]);
});

test("who is muted already can be unmuted, and gets no role twice", () => {
  const page = menus({ role: "owner" });
  const all = page.person(member({ muted: true, role: "moderator" }));
  press(all, 2);
  assert.deepEqual(page.did, [["act", { type: "unmute", user: "bob", room: "dev" }]]);
  assert.equal(all.length, 6);
});

test("admins act everywhere, also on who is not here, and never on another admin", () => {
  const page = menus({}, { role: "admin" });
  const gone = page.person({ user: { id: null, name: "bob" } });
  assert.equal(gone.length, 3);
  press(gone, 2);
  assert.deepEqual(page.did[0][3], { type: "ban", user: "bob" });
  assert.equal(page.person(member({ admin: true })).length, 1);
});

test("the same reaction again takes it back", () => {
  const page = menus();
  const react = reacting(page.state, page.shown, page.ask);
  react(message(2, { reactions: [{ emoji: "👍", count: 1, users: ["bob"] }] }), "👍");
  react(message(2, { reactions: [{ emoji: "👍", count: 2, users: ["bob", "alice"] }] }), "👍");
  assert.deepEqual(page.asked.map(({ type, seq, emoji }) => [type, seq, emoji]), [["react", 2, "👍"], ["unreact", 2, "👍"]]);
});

test("a message that was not sent is tried again, edited or given up", () => {
  const { shown } = menus();
  const did = [];
  const files = [{ id: "f1" }];
  const outbox = { of: () => [{ nonce: "a", room: "dev", text: "hi", files }], retry: (nonce) => did.push(["retry", nonce]), remove: (nonce) => did.push(["remove", nonce]) };
  const uploads = { restore: (...given) => did.push(["restore", ...given]) };
  const composer = { set: (text) => did.push(["set", text]), focus: () => did.push(["focus"]) };
  const act = pendingActs(shown, outbox, uploads, composer);
  act("retry", "a");
  act("delete", "a");
  act("edit", "a");
  assert.deepEqual(did, [["retry", "a"], ["remove", "a"], ["remove", "a"], ["restore", "dev", files], ["set", "hi"], ["focus"]]);
});
