// The protocol's limits, and helpers for its units and addresses. The frames are declared in types/wire.d.ts.

export const PROTOCOL = 1;
/** The maximum length of a message's text, in bytes. */
export const TEXT_BYTES = 4096;
/** The number of messages on a page of history. */
export const PAGE = 100;
/** How long someone counts as typing, in milliseconds. */
export const TYPING_MS = 6000;
/** The number at which counting unread messages stops. */
export const UNREAD = 10_000;

const encoder = new TextEncoder();

/** Returns the length of a text in bytes of UTF-8, as the server measures it.
 * @param {string} text */
export const bytes = (text) => encoder.encode(text).length;

/** Returns how many characters at the end of a text are beyond its first `most` bytes.
 * @param {string} text @param {number} most */
export function charactersOver(text, most) {
  let over = bytes(text) - most;
  let count = 0;
  for (const character of [...text].reverse()) {
    if (over <= 0) break;
    over -= bytes(character);
    count += 1;
  }
  return count;
}

/** Whether the same command may succeed later, unchanged.
 * @param {wire.Problem["code"]} code */
export const isTemporary = (code) => ["rate_limited", "unavailable", "internal"].includes(code);

/** Returns the WebSocket URL of the server that this page came from.
 * @param {{ protocol: string, host: string }} location */
export function endpoint(location) {
  return `${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/ws`;
}
