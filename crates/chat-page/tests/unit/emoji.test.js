import assert from "node:assert/strict";
import test from "node:test";

import { emoji } from "../../web/net/emoji.js";

test("the list is asked for once, and again if it did not come", async () => {
  let asked = 0;
  globalThis.fetch = async () => {
    asked += 1;
    if (asked === 1) throw new TypeError("failed");
    return new Response('[["tada","🎉"]]');
  };
  assert.deepEqual(await emoji(), []);
  assert.deepEqual(await emoji(), [["tada", "🎉"]]);
  await emoji();
  assert.equal(asked, 2);
});
