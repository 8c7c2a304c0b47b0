import assert from "node:assert/strict";
import test from "node:test";

import { hasShortcodes, offered, replaced } from "../../web/model/shortcodes.js";

const EMOJI = [["tada", "🎉"], ["+1", "👍"], ["tada_two", "🎊"], ["heart", "❤️"], ["ta", "🦆"]];

test("known names become emoji, unknown ones stay", () => {
  assert.equal(replaced(EMOJI, "a :tada: b :+1::nope: 10:30:45 :constructor:"), "a 🎉 b 👍:nope: 10:30:45 :constructor:");
  assert.deepEqual([hasShortcodes(":tada:"), hasShortcodes("at 10:30")], [true, false]);
});

test("the picker offers the usual ones, and then what fits", () => {
  const codes = (typed, most = 9) => offered(EMOJI, typed, most).map(([code]) => code);
  assert.deepEqual(codes(""), ["+1", "heart", "tada"]);
  assert.deepEqual(codes(":TA"), ["ta", "tada", "tada_two"]);
  assert.deepEqual(codes("ta", 2), ["ta", "tada"]);
  assert.deepEqual(codes("x"), []);
  assert.deepEqual(offered([["cb", "2"], ["ca", "1"]], "c", 9).map(([code]) => code), ["ca", "cb"]);
});
