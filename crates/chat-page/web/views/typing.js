// Who is typing in the room shown.

import { TYPING_MS } from "../wire.js";

const line = document.getElementById("typing");

export function renderTyping(room) {
  const fresh = [...(room?.typing.values() ?? [])].filter((user) => Date.now() - user.since < TYPING_MS);
  const names = fresh.map((user) => user.name);
  const words = { 0: "", 1: `${names[0]} is typing…`, 2: `${names[0]} and ${names[1]} are typing…` };
  line.textContent = words[names.length] ?? `${names.length} people are typing…`;
}
