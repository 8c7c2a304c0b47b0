// Registers, logs in and logs out over HTTP. The login is a cookie that no script can read. Only if the browser does not
// store cookies does the page send the login itself, for this visit.

import { noAnswer, ofAnswer } from "./causes.js";

/** The login that the server gave last.
 * @type {string | null} */
let given = null;
/** Whether the page must send it. */
let isShown = false;

/** Sends the login from now on. Returns false if there is none.
 * @returns {boolean} */
export function showLogin() {
  isShown = given !== null;
  return isShown;
}

/** Returns the login to send, or undefined if the browser sends it.
 * @returns {string | undefined} */
export const shownLogin = () => (isShown && given !== null ? given : undefined);

/** Returns the header with the login.
 * @returns {Record<string, string>} */
export const loginHeader = () => (isShown ? { authorization: `Bearer ${given}` } : {});

/** Posts JSON. Returns the response, or throws a `wire.Problem`.
 * @param {string} path @param {object} body */
async function post(path, body) {
  let response;
  try {
    response = await fetch(path, { method: "POST", headers: { "content-type": "application/json", ...loginHeader() }, body: JSON.stringify(body) });
  } catch {
    throw { code: "offline", message: noAnswer() };
  }
  const answer = await response.json().catch(() => null);
  if (!response.ok || !answer) throw ofAnswer(response.status, answer, response.headers.get("retry-after"));
  return answer;
}

/** Posts a request whose response is a login.
 * @param {string} path @param {object} body @returns {Promise<wire.LoggedIn>} */
async function enter(path, body) {
  const answer = await post(path, body);
  if (answer.token) given = answer.token;
  return answer;
}

/** @param {string} name */
export const guest = (name) => enter("/api/guest", { name });

/** @param {string} name @param {string} password */
export const login = (name, password) => enter("/api/login", { name, password });

/** @param {string} name @param {string} password @param {string} invitation empty if none is needed */
export const register = (name, password, invitation) => enter("/api/register", { name, password, invitation: invitation || undefined });

/** @param {string} old @param {string} fresh */
export const changePassword = (old, fresh) => enter("/api/password", { old, new: fresh });

export async function logout() {
  try {
    await post("/api/logout", {});
  } finally {
    given = null;
    isShown = false;
  }
}

/** Returns what the login form needs to know, or defaults if the server cannot be reached.
 * @returns {Promise<wire.ServerInfo>} */
export async function server() {
  try {
    const answer = await (await fetch("/api/server")).json();
    if (typeof answer.version === "string") return answer;
    throw answer;
  } catch {
    return { name: "chat", guests: true, registration: "open" };
  }
}
