import assert from "node:assert/strict";
import test from "node:test";

import { noAnswer, ofAnswer, ofSocket, ofStatus } from "../../web/net/causes.js";

const online = (onLine) => Object.defineProperty(globalThis, "navigator", { value: { onLine }, configurable: true });
const answers = (status, body, headers = {}) => {
  globalThis.fetch = async () => new Response(typeof body === "string" ? body : JSON.stringify(body), { status, headers });
};

test("the server's own words come first", () => {
  assert.deepEqual(ofAnswer(403, { code: "muted", message: "You are muted.", more: 1 }, null), { code: "muted", message: "You are muted.", more: 1 });
  assert.match(ofAnswer(403, { code: "muted" }, null).message, /in front of the server/);
  assert.match(ofAnswer(413, null, null).message, /smaller file/);
});

test("a busy front says when to try again", () => {
  assert.equal(ofAnswer(429, null, "30").code, "rate_limited");
  assert.match(ofStatus(429, "30"), /in 30 s/);
  assert.match(ofStatus(503, "180"), /in 3 minutes/);
  assert.match(ofStatus(503, null), /in a moment/);
  assert.match(ofStatus(503, "Wed, 21 Oct 2026 07:28:00 GMT"), /in a moment/);
});

test("every status has a sentence with its number", () => {
  for (const status of [401, 403, 404, 405, 408, 413, 421, 429, 502, 503, 504, 418, 500]) assert.ok(ofStatus(status).includes(`(${status})`), String(status));
});

test("without a network nothing is asked", async () => {
  online(false);
  globalThis.fetch = () => assert.fail("it asked");
  assert.match(await ofSocket(), /no network/);
  online(true);
  assert.doesNotMatch(noAnswer(), /no network/);
});

test("why the socket did not open shows in what else the address answers", async () => {
  online(true);
  answers(200, { version: "0.1.0" });
  assert.match(await ofSocket(), /WebSocket/);
  answers(200, "<html>");
  assert.match(await ofSocket(), /not the chat server/);
  answers(502, "<html>", { "retry-after": "5" });
  assert.match(await ofSocket(), /in 5 s/);
  answers(421, { code: "forbidden", message: "Another address." });
  assert.equal(await ofSocket(), "Another address.");
  globalThis.fetch = () => Promise.reject(new TypeError("failed"));
  assert.equal(await ofSocket(), noAnswer());
});
