// What a typed line does: a command, a moderation action, a message, an edit.

import assert from "node:assert/strict";
import test from "node:test";

import { Moderation } from "../../web/actions/moderation.js";
import { Posting } from "../../web/actions/posting.js";
import { Slash } from "../../web/actions/slash.js";
import { submitting } from "../../web/actions/submit.js";
import { alice, answering, listening, message, settled, showsDev } from "./fixtures.js";

/** The parts that handle a line, in #dev, with a server that answers with these. */
function writes(...answers) {
  const { shown, room } = showsDev({ from: 1, head: 3 });
  const { ask, asked } = answering(...answers);
  const { notes, told } = listening();
  const did = [];
  const doing = (what, answer) => (...given) => {
    did.push([what, ...given]);
    return answer;
  };
  let about = null;
  const about_ = { get isEdit() { return Boolean(about?.edit); }, take: () => { const was = about; about = null; return was; } };
  const outbox = { isFull: false, added: [], add: (entry) => outbox.added.push(entry) };
  const uploads = { files: [], of: () => uploads.files, take: () => uploads.files.splice(0).map(({ file }) => file) };
  const posting = new Posting({ shown, ask, outbox, uploads, about: about_, restore: doing("restore"), posted: doing("posted") });
  const moderation = new Moderation(shown, ask, notes);
  const navigation = { join: doing("join"), create: doing("create"), leave: doing("leave"), direct: doing("direct", true) };
  const slash = new Slash({ shown, ask, navigation, moderation, posting, notes, open: doing("open"), search: doing("search") });
  return { shown, room, asked, told, did, outbox, uploads, posting, submit: submitting(slash, posting), setAbout: (given) => (about = given) };
}

const ok = { type: "ok", id: 1 };

test("a text goes into the outbox with a key of its own", () => {
  const page = writes();
  assert.equal(page.submit("hello"), null);
  const [{ nonce, ...entry }] = page.outbox.added;
  assert.deepEqual(entry, { room: "dev", text: "hello", reply_to: undefined, files: undefined });
  assert.match(nonce, /^[0-9a-f]{32}$/);
  assert.deepEqual(page.did, [["posted"]]);
});

test("a reply and the files go with it, once", () => {
  const page = writes();
  page.setAbout({ reply: message(2) });
  page.uploads.files = [{ file: { id: "f1" } }];
  page.submit("see");
  page.submit("more");
  assert.deepEqual(page.outbox.added.map(({ reply_to, files }) => [reply_to, files]), [[2, [{ id: "f1" }]], [undefined, undefined]]);
});

test("shortcodes become emoji on their way", async () => {
  globalThis.fetch = async () => new Response('[["tada","🎉"]]');
  const page = writes();
  page.submit("done :tada: :nope:");
  await settled();
  assert.equal(page.outbox.added[0].text, "done 🎉 :nope:");
});

test("a text that cannot be sent says why, and stays", () => {
  const page = writes();
  assert.match(page.submit("ä".repeat(2049)), /by 1 character\./);
  assert.match(page.submit("/nonsense"), /no command/);
  page.outbox.isFull = true;
  assert.match(page.submit("hello"), /waiting/);
  page.shown.open(null);
  assert.match(page.submit("hello"), /no room/);
  assert.deepEqual([page.outbox.added, page.did], [[], []]);
  assert.equal(writes().submit("ä".repeat(2048)), null);
});

test("files hold a text until they are there", () => {
  const page = writes();
  const hold = (files, input = "see") => page.posting.hold(input, (page.uploads.files = files));
  assert.deepEqual([hold([]), hold([], " ")], [{ isEmpty: false }, { isEmpty: true }]);
  assert.ok(hold([{ file: null, error: null }]).wait);
  assert.ok(hold([{ file: {}, error: null }, { file: null, error: "x" }]).wrong);
  assert.deepEqual(hold([{ file: {}, error: null }], ""), {});
  assert.deepEqual(hold([{ file: null, error: null }], "/help"), { isEmpty: false });
});

test("an edit changes its message and sends none", async () => {
  const page = writes(ok);
  page.setAbout({ edit: message(2, { by: alice }) });
  assert.equal(page.submit("better"), null);
  await settled();
  assert.deepEqual(page.asked, [{ type: "edit", room: "dev", seq: 2, text: "better" }]);
  assert.deepEqual([page.outbox.added, page.did], [[], []]);
});

test("a refused edit gives the text back, unless another room is shown", async () => {
  const edit = { edit: message(2, { by: alice }) };
  const page = writes(null, null);
  page.setAbout(edit);
  page.submit("better");
  await settled();
  assert.deepEqual(page.did, [["restore", edit, "better"]]);
  page.setAbout(edit);
  page.submit("better");
  page.shown.open(null);
  await settled();
  assert.equal(page.did.length, 1);
});

test("commands go their ways", () => {
  const page = writes();
  for (const line of ["/join #ops", "/create ops All of it", "/private den", "/leave", "/leave ops", "/dm @bob"]) assert.equal(page.submit(line), null, line);
  assert.deepEqual(page.did, [
    ["join", "ops"], ["create", "ops", false, "All of it"], ["create", "den", true, ""], ["leave", "dev"], ["leave", "ops"], ["direct", "bob"],
  ]);
});

test("a command without what it needs says so, and does nothing", () => {
  const page = writes();
  for (const line of ["/join", "/create", "/private", "/dm", "/notify loud", "/kick", "/role bob", "/role bob admin", "/role! bob owner", "/banaddr"]) {
    assert.ok(page.submit(line)?.includes(line.split(" ")[0]), line);
  }
  assert.deepEqual([page.did, page.asked], [[], []]);
});

test("a direct message that is too long is not sent", () => {
  const page = writes();
  assert.match(page.submit(`/dm bob ${"x".repeat(5000)}`), /Too long by 904 characters/);
  assert.deepEqual([page.did, page.outbox.added], [[], []]);
});

test("a direct message is written once the room is shown", async () => {
  const page = writes();
  page.submit("/dm bob: hi there");
  await settled();
  assert.deepEqual([page.did[0], page.outbox.added[0].text], [["direct", "bob"], "hi there"]);
});

test("dialogs open after the key that asked for them", async () => {
  const page = writes();
  page.submit("/help");
  page.submit("/search two words");
  assert.deepEqual(page.did, []);
  await settled();
  assert.deepEqual(page.did, [["open", "help"], ["search", "two words"]]);
});

test("what is done to others is about the room shown, or with a ! about the server", async () => {
  const page = writes(ok, ok, ok, ok, ok, ok, ok, ok);
  for (const line of ["/kick @bob too loud", "/mute bob 10m too loud", "/mute! bob", "/ban bob", "/unban bob", "/invite bob", "/role bob owner", "/role! bob admin"]) page.submit(line);
  assert.deepEqual(page.asked.map((frame) => JSON.parse(JSON.stringify(frame))), [
    { type: "kick", user: "bob", room: "dev", reason: "too loud" },
    { type: "mute", user: "bob", room: "dev", for_ms: 600_000, reason: "too loud" },
    { type: "mute", user: "bob" },
    { type: "ban", user: "bob", room: "dev" },
    { type: "unban", user: "bob", room: "dev" },
    { type: "invite", user: "bob", room: "dev" },
    { type: "role", user: "bob", role: "owner", room: "dev" },
    { type: "role", user: "bob", role: "admin" },
  ]);
  await settled();
  assert.deepEqual(page.told, ["Done.", "You invited bob.", "Done."]);
});

test("an address is banned as one, and a name with where it comes from", () => {
  const page = writes();
  page.submit("/banaddr 2001:db8::/64 1d spam");
  page.submit("/banaddr bob");
  page.submit("/unbanaddr 203.0.113.7");
  assert.deepEqual(page.asked.map((frame) => JSON.parse(JSON.stringify(frame))), [
    { type: "ban", address: "2001:db8::/64", for_ms: 86_400_000, reason: "spam" },
    { type: "ban", user: "bob", address: "current" },
    { type: "unban", address: "203.0.113.7" },
  ]);
});

test("/notify holds at once, and /topic may be empty", async () => {
  const page = writes(ok, ok);
  page.submit("/notify none");
  page.submit("/topic");
  assert.equal(page.room.notify, "none");
  assert.deepEqual(page.asked, [{ type: "notify", room: "dev", level: "none" }, { type: "topic", room: "dev", topic: "" }]);
});
