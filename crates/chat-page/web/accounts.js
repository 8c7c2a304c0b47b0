// Registering, logging in and out, over HTTP. The login itself is a cookie that no script can read; only in a browser
// that keeps no cookies the page shows it itself, for this visit.

import { noAnswer, ofAnswer } from "./causes.js";

/** The login that the server gave last, and whether the page must show it. */
let given = null;
let isShown = false;

/** Shows the login from now on; false if there is none. */
export function showLogin() {
  isShown = given !== null;
  return isShown;
}

/** The login to show; undefined if the browser does. */
export const shownLogin = () => (isShown ? given : undefined);

/** The header that shows it. */
export const loginHeader = () => (isShown ? { authorization: `Bearer ${given}` } : {});

/** Posts JSON; answers what came back, or throws `{ code, message }`. */
async function post(path, body) {
  let response;
  try {
    response = await fetch(path, { method: "POST", headers: { "content-type": "application/json", ...loginHeader() }, body: JSON.stringify(body) });
  } catch {
    throw { code: "offline", message: noAnswer() };
  }
  const answer = await response.json().catch(() => null);
  if (!response.ok || !answer) throw ofAnswer(response.status, answer, response.headers.get("retry-after"));
  if (answer.token) given = answer.token;
  return answer;
}

export const guest = (name) => post("/api/guest", { name });
export const login = (name, password) => post("/api/login", { name, password });
export const register = (name, password, invitation) => post("/api/register", { name, password, invitation: invitation || undefined });
export async function logout() {
  try {
    await post("/api/logout", {});
  } finally {
    given = null;
    isShown = false;
  }
}
export const changePassword = (old, fresh) => post("/api/password", { old, new: fresh });

/** What a login form must know; what is usual where it cannot be asked. */
export async function server() {
  try {
    const answer = await (await fetch("/api/server")).json();
    if (typeof answer.version === "string") return answer;
    throw answer;
  } catch {
    return { name: "chat", guests: true, registration: "open" };
  }
}
