import assert from "node:assert/strict";
import test from "node:test";

import { bytes, charactersOver, endpoint, isTemporary } from "../../web/model/wire.js";

test("texts are measured as the server does", () => {
  assert.deepEqual(["abc", "ä", "👍"].map(bytes), [3, 2, 4]);
});

test("what is too long is told in characters, as many as must go", () => {
  assert.deepEqual([charactersOver("abc", 3), charactersOver("abc", 1), charactersOver("aäb", 3), charactersOver("a👍", 2), charactersOver("👍👍", 5)], [0, 2, 1, 1, 1]);
});

test("only what may succeed later is temporary", () => {
  assert.deepEqual(["rate_limited", "unavailable", "internal", "muted", "offline", "too_long"].map(isTemporary), [true, true, true, false, false, false]);
});

test("the socket is beside the page, as safe as the page", () => {
  assert.equal(endpoint({ protocol: "https:", host: "chat.example:8443" }), "wss://chat.example:8443/ws");
  assert.equal(endpoint({ protocol: "http:", host: "[::1]:8000" }), "ws://[::1]:8000/ws");
});
