import assert from "node:assert/strict";
import test from "node:test";

import { guarded } from "../../web/net/guard.js";
import { settled } from "./fixtures.js";

test("a failure is reported, and stops nothing", async () => {
  const reported = [];
  const { error } = console;
  console.error = (why) => reported.push(why.message);
  const done = [];
  const all = [
    (n) => done.push(n),
    () => {
      throw new Error("now");
    },
    () => Promise.reject(new Error("later")),
    (n) => done.push(n + 1),
  ];
  for (const one of all) guarded(one)(1);
  await settled();
  console.error = error;
  assert.deepEqual([done, reported], [[1, 2], ["now", "later"]]);
});
