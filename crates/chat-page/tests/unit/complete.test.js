import assert from "node:assert/strict";
import test from "node:test";

import { complete } from "../../web/model/complete.js";
import { alice, bob, carol, inDev, message, take } from "./fixtures.js";

const EMOJI = [["tada", "🎉"], ["tada_two", "🎊"], ["rocket", "🚀"]];

/** Returns the completions at the end of a text, without what was typed. */
function words(input, change = () => {}) {
  const { state, room } = inDev({ from: 1, head: 1 });
  room.online = new Map([alice, bob, carol].map((user) => [user.id, user]));
  state.others = ["design", "general"];
  change(state, room);
  const found = complete(input, input.length, { state, room, emoji: EMOJI });
  return found === null ? null : found.words.slice(0, -1);
}

test("commands complete at the start, those that one may use", () => {
  assert.deepEqual(words("/jo"), ["/join "]);
  assert.deepEqual(words("/kic"), null);
  assert.deepEqual(words("/kic", (_, room) => (room.role = "owner")), ["/kick "]);
  assert.deepEqual(words("say /jo"), null);
});

test("rooms complete where one is wanted, and behind a #", () => {
  assert.deepEqual(words("/join de"), ["design ", "dev "]);
  assert.deepEqual(words("/join #de"), ["design ", "dev "]);
  assert.deepEqual(words("see #ge"), ["#general "]);
});

test("names complete everywhere else, who wrote last first, never oneself", () => {
  assert.deepEqual(words("b"), ["bob: "]);
  assert.deepEqual(words("hi B"), ["bob "]);
  assert.deepEqual(words("hi @"), ["@bob ", "@carol "]);
  assert.deepEqual(words("hi @", (state) => take(state, [message(2, { by: carol })])), ["@carol ", "@bob "]);
  assert.deepEqual(words("hi ali"), null);
});

test("a command that wants a name completes it without a letter", () => {
  assert.deepEqual(words("/dm "), ["bob ", "carol "]);
  assert.deepEqual(words("/dm bob "), null);
  assert.deepEqual(words(""), null);
});

test("emoji complete behind a colon, the shortest name first", () => {
  assert.deepEqual(words(":TA"), ["🎉 ", "🎊 "]);
  assert.deepEqual(words("nice :rock"), ["🚀 "]);
  assert.deepEqual(words(":none"), null);
});

test("the last of the words is what was typed, and only the word before the cursor changes", () => {
  const { state, room } = inDev({ from: 1, head: 1 });
  assert.deepEqual(complete("hi bo there", 5, { state, room, emoji: [] }), { start: 3, words: ["bob ", "bo"], at: 0 });
});

test("without a room there are no names", () => {
  const { state } = inDev({ from: 1, head: 1 });
  assert.equal(complete("@", 1, { state, room: null, emoji: [] }), null);
});
