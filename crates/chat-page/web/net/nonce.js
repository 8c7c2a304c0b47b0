// The idempotency keys of messages, by which the server recognises a retry.

/** Returns a new idempotency key. It begins with the time, so that the server's index of keys grows at its end. */
export function nonce() {
  const chance = crypto.getRandomValues(new Uint8Array(10));
  const hex = [...chance].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return Date.now().toString(16).padStart(12, "0") + hex;
}
