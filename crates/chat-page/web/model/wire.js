// The protocol's numbers, and how things are measured and named in it. The frames are declared in types/wire.d.ts.

export const PROTOCOL = 1;
/** The longest text of a message, in bytes. */
export const TEXT_BYTES = 4096;
/** How many messages a page of history has. */
export const PAGE = 100;
/** How long someone counts as typing. */
export const TYPING_MS = 6000;
/** Where counting unread messages stops. */
export const UNREAD = 10_000;

const encoder = new TextEncoder();

/** The length of a text in bytes of UTF-8, as the server measures it.
 * @param {string} text */
export const bytes = (text) => encoder.encode(text).length;

/** How many characters at the end of a text are past its first `most` bytes.
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

/** The address of the WebSocket of the server that this page came from.
 * @param {{ protocol: string, host: string }} location */
export function endpoint(location) {
  return `${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/ws`;
}
