// The protocol's words and numbers: what is sent to the server, and how what comes back is read.

export const PROTOCOL = 1;
export const TEXT_BYTES = 4096;
export const PAGE = 100;
export const TYPING_MS = 6000;
/** How far unread messages are counted. */
export const UNREAD = 10_000;

const encoder = new TextEncoder();

/** How many bytes of UTF-8 a text has, which is how the server measures. */
export const bytes = (text) => encoder.encode(text).length;

/** A new nonce: the time and then chance, so that the server's index of them grows at its end. */
export function nonce() {
  const chance = crypto.getRandomValues(new Uint8Array(10));
  const hex = [...chance].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return Date.now().toString(16).padStart(12, "0") + hex;
}

/** Whether the same command may succeed later, unchanged. */
export const isTemporary = (code) => ["rate_limited", "unavailable", "internal"].includes(code);

/** The address of the WebSocket beside this page. */
export function endpoint(location) {
  return `${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/ws`;
}
