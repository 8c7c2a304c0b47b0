// Handles clicks in the timeline.

import { targetOf } from "./dom.js";

/** What clicks can do.
 * @typedef {object} Ways
 * @property {(seq: wire.Seq) => page.Item | undefined} itemOf the line with a seq
 * @property {(what: string, nonce: string) => void} pending retries, edits or deletes a message that was not sent
 * @property {(from: HTMLElement, name: string) => void} person opens the menu of a person
 * @property {(from: HTMLElement, item: wire.Message) => void} message opens the menu of a message
 * @property {(item: wire.Message, emoji: string) => void} react
 * @property {(seq: wire.Seq) => void} seek goes to a message
 * @property {(room: string) => void} go goes to a room
 */

/** @param {HTMLElement} list @param {Ways} ways */
export function followClicks(list, { itemOf, pending, person, message, react, seek, go }) {
  list.addEventListener("click", (event) => {
    const act = targetOf(event, "[data-act]")?.dataset.act;
    const nonce = targetOf(event, "[data-nonce]")?.dataset.nonce;
    if (act && nonce) return pending(act, nonce);
    const name = targetOf(event, ".message .name");
    if (name) return person(name, name.textContent ?? "");
    const target = targetOf(event, ".quote")?.dataset.target;
    if (target) return seek(Number(target));
    const item = itemOf(Number(targetOf(event, "[data-seq]")?.dataset.seq));
    const button = targetOf(event, "button");
    if (item?.type === "message" && button?.className === "more") return message(button, item);
    if (item?.type === "message" && button?.className === "reaction") return react(item, button.dataset.emoji ?? "");
    const link = targetOf(event, "a.room[href]");
    // With a modifier key, it is a normal link.
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    go(link.textContent?.slice(1) ?? "");
  });
}
