import assert from "node:assert/strict";
import test from "node:test";

import { delay } from "../../web/model/backoff.js";

test("waits grow up to half a minute, by chance", () => {
  assert.deepEqual([0, 1, 2, 6, 60].map((failures) => delay(failures, undefined, 1)), [500, 1000, 2000, 30_000, 30_000]);
  assert.equal(delay(3, undefined, 0.5), 2000);
});

test("the server's wish counts, spread over a second", () => {
  assert.deepEqual([delay(9, 1000, 0), delay(9, 1000, 0.5), delay(9, 0, 0)], [1000, 1500, 0]);
});
