import assert from "node:assert/strict";
import test from "node:test";

import { Pace } from "../../web/model/pace.js";

test("a fast line gets what is asked for, within a bounded page", () => {
  const pace = new Pace();
  assert.equal(pace.limit(100), 100);
  pace.answered(40_000, 100, 50);
  assert.equal(pace.limit(100), 100);
  pace.answered(400_000, 100, 50);
  assert.equal(pace.limit(100), 32);
});

test("a slow line gets less, and after each break half of that", () => {
  const pace = new Pace();
  pace.answered(40_000, 100, 20_000);
  assert.equal(pace.limit(100), 25);
  pace.broke();
  assert.equal(pace.limit(100), 12);
  for (let n = 0; n < 9; n++) pace.broke();
  assert.equal(pace.limit(100), 5);
  pace.answered(2000, 5, 1000);
  assert.equal(pace.limit(100), 25);
});

test("a short reply tells of a slow line only if it took long and nothing else is known", () => {
  const fast = new Pace();
  fast.answered(2000, 5, 400);
  assert.equal(fast.limit(100), 100);
  const slow = new Pace();
  slow.answered(2000, 5, 4000);
  assert.equal(slow.limit(100), 6);
  fast.answered(40_000, 100, 50);
  fast.answered(2000, 5, 4000);
  assert.equal(fast.limit(100), 100);
});
