// Registering, logging in and out, over HTTP. The session itself is a cookie that no script can read.

/** Posts JSON; answers what came back, or throws `{ code, message }`. */
async function post(path, body) {
  let response;
  try {
    response = await fetch(path, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) });
  } catch {
    throw { code: "offline", message: "The server does not answer. Try again in a moment." };
  }
  const answer = await response.json().catch(() => ({ code: "internal", message: `The server answered ${response.status}.` }));
  if (!response.ok) throw answer;
  return answer;
}

export const guest = (name) => post("/api/guest", { name });
export const login = (name, password) => post("/api/login", { name, password });
export const register = (name, password, invitation) => post("/api/register", { name, password, invitation: invitation || undefined });
export const logout = () => post("/api/logout", {});
export const changePassword = (old, fresh) => post("/api/password", { old, new: fresh });

/** What a login form must know; what is usual where it cannot be asked. */
export async function server() {
  try {
    return await (await fetch("/api/server")).json();
  } catch {
    return { name: "chat", guests: true, registration: "open" };
  }
}
