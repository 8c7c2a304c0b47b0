import assert from "node:assert/strict";
import test from "node:test";

import { alter } from "../../web/model/changes.js";
import { alice, bob, event, inDev } from "./fixtures.js";

const third = (room) => room.items.find(({ seq }) => seq === 3);

test("an edit changes the text, and redraws the message and the replies to it", () => {
  const { room } = inDev({ from: 1, head: 4 });
  Object.assign(room.items[3], { reply_to: 3 });
  alter(room, event("edited", 5, { target: 3, text: "new", mentions: ["alice"], html: "<p>new</p>" }));
  const { text, html, mentions, edited_at } = third(room);
  assert.deepEqual({ text, html, mentions, edited_at }, { text: "new", html: "<p>new</p>", mentions: ["alice"], edited_at: 1_795_412_100_005 });
  assert.deepEqual(room.items.map(({ version }) => version), [undefined, undefined, 1, 1]);
});

test("a reaction draws the line anew, and no reply to it", () => {
  const { room } = inDev({ from: 1, head: 4 });
  Object.assign(room.items[3], { reply_to: 3 });
  alter(room, event("reacted", 5, { target: 3, emoji: "👍" }));
  assert.deepEqual(room.items.map(({ version }) => version), [undefined, undefined, 1, undefined]);
});

test("a deletion takes everything away, and no later edit brings it back", () => {
  const { room } = inDev({ from: 1, head: 3 });
  Object.assign(third(room), { html: "<p>x</p>", files: [{ id: "f" }], pinned: true, reactions: [{ emoji: "👍", count: 1, users: ["bob"] }] });
  alter(room, event("deleted", 4, { target: 3 }));
  alter(room, event("edited", 5, { target: 3, text: "back" }));
  const { text, html, files, deleted, reactions, pinned } = third(room);
  assert.deepEqual({ text, html, files, deleted, reactions, pinned }, { text: "", html: undefined, files: undefined, deleted: true, reactions: [], pinned: false });
});

test("reactions are counted by person, once each", () => {
  const { room } = inDev({ from: 1, head: 3 });
  const react = (type, by, emoji = "👍") => alter(room, event(type, 4, { target: 3, emoji, by }));
  react("reacted", bob);
  react("reacted", alice);
  react("reacted", alice);
  react("reacted", alice, "🎉");
  assert.deepEqual(third(room).reactions, [{ emoji: "👍", count: 2, users: ["bob", "alice"] }, { emoji: "🎉", count: 1, users: ["alice"] }]);
  react("unreacted", bob);
  react("unreacted", bob);
  react("unreacted", alice, "🎉");
  assert.deepEqual(third(room).reactions, [{ emoji: "👍", count: 1, users: ["alice"] }]);
});

test("of many who reacted only some names are known, and the count stays right", () => {
  const { room } = inDev({ from: 1, head: 3 });
  third(room).reactions = [{ emoji: "👍", count: 25, users: ["carol"] }];
  alter(room, event("reacted", 4, { target: 3, emoji: "👍" }));
  assert.deepEqual(third(room).reactions, [{ emoji: "👍", count: 26, users: ["carol", "bob"] }]);
});

test("pins come and go, and a message that is not held is no fault", () => {
  const { room } = inDev({ from: 2, head: 3 });
  alter(room, event("pinned", 4, { target: 3 }));
  assert.equal(third(room).pinned, true);
  alter(room, event("unpinned", 5, { target: 3 }));
  assert.equal(third(room).pinned, false);
  alter(room, event("pinned", 6, { target: 1 }));
});
