import assert from "node:assert/strict";
import test from "node:test";

import { Questions } from "../../web/net/questions.js";

test("a reply finds its question, once", async () => {
  const questions = new Questions();
  const one = questions.add({ type: "ping" });
  const two = questions.add({ type: "ping" });
  assert.notEqual(one.id, two.id);
  questions.take(two.id).resolve({ type: "pong", at: 2 });
  assert.deepEqual(await two.reply, { type: "pong", at: 2 });
  assert.deepEqual([questions.take(two.id), questions.take(null), questions.take(undefined), questions.take(99)], [undefined, undefined, undefined, undefined]);
  assert.ok(questions.since(one.id) > 0);
  assert.equal(questions.since(two.id), undefined);
});

test("when the line breaks every question fails, and none is left", async () => {
  const questions = new Questions();
  const replies = [questions.add({ type: "history" }), questions.add({ type: "send" })].map(({ reply }) => reply);
  assert.equal(questions.isPageDue, true);
  questions.fail({ code: "offline", message: "broke" });
  for (const reply of replies) await assert.rejects(reply, { code: "offline" });
  assert.equal(questions.isPageDue, false);
});

test("it is known whether a long reply is on its way", () => {
  const questions = new Questions();
  const ping = questions.add({ type: "ping" });
  const page = questions.add({ type: "rooms" });
  assert.deepEqual([questions.pageSince(ping.id), questions.pageSince(page.id) > 0, questions.pageSince(null)], [undefined, true, undefined]);
  questions.take(page.id);
  assert.equal(questions.isPageDue, false);
});
