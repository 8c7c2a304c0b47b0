import assert from "node:assert/strict";
import test from "node:test";

import { COMMANDS, duration, isCommand, read } from "../../web/model/commands.js";

test("a text is a text, trimmed", () => {
  assert.deepEqual(read("  hello /help "), { text: "hello /help" });
});

test("two slashes send one", () => {
  assert.deepEqual(read("//help"), { text: "/help" });
});

test("a path of several lines is no command", () => {
  assert.deepEqual(read("/etc/passwd\n/etc/hosts"), { text: "/etc/passwd\n/etc/hosts" });
});

test("a command has the rest of its line", () => {
  assert.deepEqual(read("/kick bob  too loud "), { command: "/kick", rest: "bob  too loud" });
  assert.deepEqual(read("/help"), { command: "/help", rest: "" });
});

test("a command that there is not is told, and never sent", () => {
  for (const line of ["/nonsense x", "/constructor", "/"]) {
    const { unknown, text } = read(line);
    assert.match(unknown, /no command/);
    assert.equal(text, undefined);
  }
});

test("words of the language are no commands", () => {
  assert.deepEqual(["/join", "constructor", "toString", "__proto__"].map(isCommand), [true, false, false, false]);
});

test("every command says what it does", () => {
  for (const [name, { help }] of Object.entries(COMMANDS)) assert.ok(/^\/[a-z]+!?$/.test(name) && help.length > 3, name);
});

test("times have one unit", () => {
  assert.deepEqual(["30s", "10m", "2h", "3d", "1w"].map(duration), [30_000, 600_000, 7_200_000, 259_200_000, 604_800_000]);
  assert.deepEqual(["", "0m", "10", "m", "1h30m", "-1h", "1.5h", "1y", undefined].map(duration), Array(9).fill(null));
});

test("a command whose first argument is a name completes names", () => {
  for (const [name, { takes, name: isName = false }] of Object.entries(COMMANDS)) assert.equal(isName, /^NAME\b/.test(takes), name);
});

test("what is done to others needs the right to do it", () => {
  const needs = (name) => COMMANDS[name].needs;
  for (const name of ["kick", "mute", "unmute", "ban", "unban", "role"]) assert.deepEqual([needs(`/${name}`), needs(`/${name}!`)], ["moderator", "admin"], name);
});
