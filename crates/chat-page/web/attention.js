// News for those who do not look: said to a screen reader, and shown by the system where the page is hidden.

import { gist } from "./words.js";

/** How many messages the screen reader's log holds. */
const SPOKEN = 5;

/** Tells a screen reader of a new message in the room shown. The list itself is not live: loading it is no news. */
export function speak(state, frame) {
  if (frame.room !== state.current || frame.by.id === state.me?.id) return;
  const line = document.createElement("p");
  line.textContent = `${frame.by.name}: ${gist(frame)}`;
  const log = document.getElementById("log");
  log.append(line);
  while (log.children.length > SPOKEN) log.firstElementChild.remove();
}

/** Tells who looks elsewhere of a message that names them, or is for them alone; `show` takes them to its room. */
export function attract(state, frame, show) {
  const room = state.rooms.get(frame.room);
  if (!document.hidden || !room || room.notify === "none" || frame.by.id === state.me?.id || frame.deleted) return;
  if (!frame.mentions?.includes(state.me?.name) && !(room.kind === "direct" && room.notify === "all")) return;
  if (globalThis.Notification?.permission !== "granted") return;
  let shown;
  try {
    shown = new Notification(`${frame.by.name} in ${state.server?.name ?? "chat"}`, { body: gist(frame), tag: frame.room });
  } catch {
    // Browsers of phones have the name, and show none without a service worker. The title still counts.
    return;
  }
  shown.onclick = () => {
    focus();
    show(frame.room);
  };
}

/** Asks the browser to allow notifications; answers what the person should know. */
export async function allowNotifications() {
  const missing = "This browser shows no notifications for this page. What names you is counted in the title.";
  if (typeof globalThis.Notification?.requestPermission !== "function") return { wrong: missing };
  try {
    const answer = await Notification.requestPermission();
    if ((answer ?? Notification.permission) !== "granted") return { wrong: "The browser does not allow notifications of this page. Its settings for this address can." };
    // Only a try tells whether it shows any.
    new Notification("Notifications are on", { tag: "chat-on" }).close();
  } catch {
    return { wrong: missing };
  }
  return { done: "You will be told of messages that name you, and of direct ones, while the page is hidden." };
}
