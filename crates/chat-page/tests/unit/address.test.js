import assert from "node:assert/strict";
import test from "node:test";

import { hashOf, read } from "../../web/model/address.js";

test("a room is read in any case and coding", () => {
  assert.deepEqual(["#dev", "dev", "#DEV", "#%64ev", "#@1-2", "#%401-2"].map(read), [...Array(4).fill({ room: "dev" }), { room: "@1-2" }, { room: "@1-2" }]);
});

test("nothing is nothing, and anything else is wrong", () => {
  assert.deepEqual(["", "#"].map(read), [null, null]);
  assert.deepEqual(read("#no such room"), { wrong: "no such room" });
  assert.deepEqual(read("#100%off"), { wrong: "100%off" });
  assert.deepEqual(read(`#${"x".repeat(50)}`), { wrong: `${"x".repeat(40)}…` });
  assert.deepEqual(read("#a%0a%E2%80%AEb"), { wrong: "a b" });
});

test("an address that was made is parsed to the same values", () => {
  for (const room of ["dev", "a-b_c", "@1-2"]) assert.deepEqual(read(hashOf(room)), { room });
  assert.deepEqual([hashOf("@1-2"), hashOf(null)], ["#@1-2", "#"]);
});
