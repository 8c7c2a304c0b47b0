import assert from "node:assert/strict";
import test from "node:test";

import { nonce } from "../../web/net/nonce.js";
import "./fixtures.js";

test("a nonce is new, valid, and later ones sort behind", () => {
  const many = new Set(Array.from({ length: 1000 }, nonce));
  assert.equal(many.size, 1000);
  for (const one of many) assert.match(one, /^[0-9a-f]{32}$/);
  const first = nonce();
  const until = Date.now() + 3;
  while (Date.now() < until);
  assert.ok(nonce() > first);
});
