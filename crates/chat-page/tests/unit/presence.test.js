import assert from "node:assert/strict";
import test from "node:test";

import { setMembers, setPresence } from "../../web/model/presence.js";
import { createRoom } from "../../web/model/room.js";
import { alice, bob, carol } from "./fixtures.js";

test("who comes and goes", () => {
  const room = createRoom("dev");
  setPresence(room, { online: [alice, bob], offline: [], online_count: 2 });
  setPresence(room, { online: [carol], offline: [bob], online_count: 2 });
  assert.deepEqual([[...room.online.values()], room.onlineCount], [[alice, carol], 2]);
  // Above a thousand, only the number is sent.
  setPresence(room, { online: [], offline: [], online_count: 1 });
  assert.equal(room.online.size, 0);
});

test("members tell who is online in a direct room, and in no other", () => {
  const members = [{ user: alice, online: true }, { user: bob, online: false }];
  const direct = Object.assign(createRoom("@1-2"), { kind: "direct", online: new Map([[2, bob]]) });
  setMembers(direct, { members });
  assert.deepEqual([[...direct.online.values()], direct.onlineCount], [[alice], 1]);
  const other = createRoom("dev");
  setMembers(other, { members });
  assert.equal(other.online.size, 0);
});
