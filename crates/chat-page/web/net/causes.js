// Why something failed, in words that say what to do. The server's own words take precedence. The rest is about proxies and
// the network in between.

/** How long the server may take to answer before it counts as silent. */
const ANSWER_MS = 10_000;

/** @param {number} seconds */
const waits = (seconds) => (seconds > 0 ? ` in ${seconds < 120 ? `${seconds} s` : `${Math.ceil(seconds / 60)} minutes`}` : " in a moment");

/** Returns what a status means that came without the server's own words.
 * @param {number} status @param {string | null} [retryAfter] */
export function ofStatus(status, retryAfter) {
  switch (status) {
    case 401:
      return "You are no longer logged in here, or a proxy in front of the server requires its own login (401). Log in again.";
    case 403:
      return "A proxy in front of the server does not allow this (403). Ask whoever runs it.";
    case 404:
    case 405:
      return `The server at this address is not the chat server (${status}). Ask whoever runs it to forward every path.`;
    case 408:
      return "This took longer than a proxy in front of the server waits (408). Try again; on a slow line, whoever runs it can allow more time.";
    case 413:
      return "A proxy in front of the server does not accept a request this large (413). Send a smaller file, or ask whoever runs it to allow larger ones (nginx: client_max_body_size).";
    case 421:
      return "The server does not answer to this address (421). Whoever runs it can start it with --public-url and this address.";
    case 429:
      return `There were too many requests (429). Try again${waits(Number(retryAfter ?? 0))}.`;
    case 502:
    case 503:
      return `A proxy in front of the server cannot reach it (${status}): it may be starting. Try again${waits(Number(retryAfter ?? 0))}.`;
    case 504:
      return "The server took longer to answer than a proxy in front of it waits (504). Try again in a moment.";
    default:
      return `This is not the chat server, or it failed (${status}). Try again in a moment.`;
  }
}

/** Returns what went wrong, from a whole response: its own code and words, or those of its status.
 * @param {number} status
 * @param {{ code?: unknown, message?: unknown } | null} body
 * @param {string | null} retryAfter
 * @returns {wire.Problem} */
export function ofAnswer(status, body, retryAfter) {
  if (typeof body?.code === "string" && typeof body.message === "string") return { ...body, code: body.code, message: body.message };
  return { code: status === 429 ? "rate_limited" : "internal", message: ofStatus(status, retryAfter) };
}

/** Returns why there was no response at all, as far as a browser knows. */
export const noAnswer = () =>
  navigator.onLine === false ? "This device has no network." : "Nothing answers at this address: the server may be down, or there is no route to it.";

/** Returns why the socket did not open. The browser does not say, so the server is asked over HTTP. */
export async function ofSocket() {
  if (navigator.onLine === false) return noAnswer();
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), ANSWER_MS);
  try {
    const answer = await fetch("/api/server", { cache: "no-store", signal: stop.signal });
    if (!answer.ok) return ofAnswer(answer.status, await answer.json().catch(() => null), answer.headers.get("retry-after")).message;
    const isOurs = typeof (await answer.json().catch(() => null))?.version === "string";
    return isOurs ? "The server answers, but a proxy in front of it lets no WebSocket through. Whoever runs it can forward the upgrade of /ws." : ofStatus(404);
  } catch {
    return noAnswer();
  } finally {
    clearTimeout(timer);
  }
}
