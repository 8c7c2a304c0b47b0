import assert from "node:assert/strict";
import test from "node:test";

Object.defineProperty(globalThis, "navigator", { value: { onLine: true }, configurable: true });

/** Loads the module again, as after a reload. */
let loads = 0;
const load = () => import(`../../web/net/accounts.js?${loads++}`);

/** A server that answers with this body. Returns the requests that it got. */
function serves(status, body) {
  const asked = [];
  globalThis.fetch = async (path, given = {}) => {
    asked.push({ path, headers: given.headers, body: given.body && JSON.parse(given.body) });
    return new Response(JSON.stringify(body), { status });
  };
  return asked;
}

test("a login is not shown by the page, unless the browser does not", async () => {
  const accounts = await load();
  assert.equal(accounts.showLogin(), false);
  serves(200, { token: "chat_1", user: { id: 1, name: "alice" } });
  assert.equal((await accounts.guest("Alice")).user.name, "alice");
  assert.deepEqual([accounts.shownLogin(), accounts.loginHeader()], [undefined, {}]);
  assert.equal(accounts.showLogin(), true);
  assert.deepEqual([accounts.shownLogin(), accounts.loginHeader()], ["chat_1", { authorization: "Bearer chat_1" }]);
});

test("after leaving there is nothing to show, even if the server could not be told", async () => {
  const accounts = await load();
  serves(200, { token: "chat_1", user: {} });
  await accounts.guest("alice");
  accounts.showLogin();
  globalThis.fetch = () => Promise.reject(new TypeError("failed"));
  await assert.rejects(accounts.logout(), { code: "offline" });
  assert.deepEqual([accounts.shownLogin(), accounts.loginHeader(), accounts.showLogin()], [undefined, {}, false]);
});

test("an invitation is sent only if there is one", async () => {
  const accounts = await load();
  const asked = serves(200, { user: {} });
  await accounts.register("alice", "four words", "");
  await accounts.register("alice", "four words", "code");
  assert.deepEqual(asked.map(({ path, body }) => [path, body]), [
    ["/api/register", { name: "alice", password: "four words" }],
    ["/api/register", { name: "alice", password: "four words", invitation: "code" }],
  ]);
});

test("a refusal has the server's words", async () => {
  const accounts = await load();
  serves(401, { code: "unauthorized", message: "The name or the password is wrong." });
  await assert.rejects(accounts.login("alice", "x"), { code: "unauthorized", message: "The name or the password is wrong." });
});

test("a server that cannot be asked is taken for an open one", async () => {
  const accounts = await load();
  serves(200, { version: "1", name: "home", guests: false, registration: "closed" });
  assert.equal((await accounts.server()).guests, false);
  serves(502, {});
  assert.deepEqual(await accounts.server(), { name: "chat", guests: true, registration: "open" });
});
