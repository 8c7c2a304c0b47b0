// Alerts a person who is not looking: with a screen reader, and with system notifications while the page is hidden.

import { gist } from "../model/words.js";
import { element, make } from "./dom.js";

/** The maximum number of messages in the screen reader's log. */
const SPOKEN = 5;

/** Announces a new message in the current room to a screen reader. The timeline itself is not announced, because
 * loading it brings nothing new.
 * @param {page.State} state @param {string | null} shown @param {wire.Message} frame */
export function speak(state, shown, frame) {
  if (frame.room !== shown || frame.by.id === state.me?.id) return;
  const log = element("log");
  log.append(make("p", `${frame.by.name}: ${gist(frame)}`));
  while (log.children.length > SPOKEN) log.firstElementChild?.remove();
}

/** Notifies the person of a direct message or a mention while the page is hidden.
 * @param {page.State} state @param {wire.Message} frame @param {(room: string) => void} show goes to its room */
export function attract(state, frame, show) {
  const { me, server } = state;
  const room = state.rooms.get(frame.room);
  if (!document.hidden || !room || room.notify === "none" || frame.by.id === me?.id || frame.deleted) return;
  const isMention = me !== null && frame.mentions?.includes(me.name);
  if (!isMention && !(room.kind === "direct" && room.notify === "all")) return;
  if (globalThis.Notification?.permission !== "granted") return;
  let shown;
  try {
    shown = new Notification(`${frame.by.name} in ${server?.name ?? "chat"}`, { body: gist(frame), tag: frame.room });
  } catch {
    // Browsers on phones show no notification without a service worker. The title still shows the count.
    return;
  }
  shown.onclick = () => {
    focus();
    show(frame.room);
  };
}

/** Asks the browser to allow notifications. Returns what to tell the person.
 * @returns {Promise<{ done: string, wrong?: undefined } | { wrong: string, done?: undefined }>} */
export async function allowNotifications() {
  const missing = "This browser shows no notifications for this page. Mentions are counted in the title.";
  if (typeof globalThis.Notification?.requestPermission !== "function") return { wrong: missing };
  try {
    // Older browsers return nothing here.
    const answer = (await Notification.requestPermission()) ?? Notification.permission;
    if (answer !== "granted") return { wrong: "The browser blocks notifications from this page. You can allow them in its settings for this address." };
    // Only trying shows whether the browser supports them.
    new Notification("Notifications are on", { tag: "chat-on" }).close();
  } catch {
    return { wrong: missing };
  }
  return { done: "You will be notified of mentions and direct messages while the page is hidden." };
}
