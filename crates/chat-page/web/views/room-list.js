// A list of rooms as buttons, with what is new in each.

import { copyOf, element, inside, setChildren, targetOf } from "./dom.js";

/** A room in a list.
 * @typedef {object} Entry
 * @property {string} name
 * @property {string} label
 * @property {wire.RoomKind} kind
 * @property {page.Numbers} numbers
 * @property {boolean} isMuted whether the person wants no notifications of it
 * @property {boolean} isOnline whether the other user of a direct room is online
 * @property {boolean} isCurrent
 */

const template = element("room-template", HTMLTemplateElement);

/** Returns a number in a short form.
 * @param {number} count */
export const shortly = (count) => (count > 999 ? "999+" : String(count));

/** Calls `press` with the room of the button that is pressed.
 * @param {HTMLElement} list @param {(room: string) => void} press */
export function onPress(list, press) {
  list.addEventListener("click", (event) => {
    const room = targetOf(event, "button")?.dataset.room;
    if (room) press(room);
  });
}

/** Makes the list's buttons those of these rooms. Existing buttons stay, and keep the focus.
 * @param {HTMLElement} list @param {Entry[]} entries */
export function fill(list, entries) {
  const lines = new Map([...list.querySelectorAll("li")].map((li) => [inside(li, "button").dataset.room, li]));
  setChildren(list, entries.map((entry) => {
    const li = lines.get(entry.name) ?? copyOf(template);
    show(inside(li, "button"), entry);
    return li;
  }));
}

/** @param {HTMLElement} button @param {Entry} entry */
function show(button, entry) {
  const { name, label, kind, numbers, isMuted, isOnline, isCurrent } = entry;
  const isDirect = kind === "direct";
  button.dataset.room = name;
  const sign = inside(button, ".hash");
  sign.textContent = isDirect ? "" : label.slice(0, 1);
  sign.classList.toggle("dot", isDirect);
  sign.classList.toggle("online", isOnline);
  inside(button, ".label").textContent = bare(label);
  inside(button, ".lock").hidden = kind !== "private";
  button.classList.toggle("muted", isMuted);
  button.classList.toggle("unread", numbers.unread > 0);
  if (isCurrent) button.setAttribute("aria-current", "true");
  else button.removeAttribute("aria-current");
  const count = inside(button, ".count");
  count.hidden = numbers.unread === 0;
  count.textContent = numbers.mentions ? `@${shortly(numbers.mentions)}` : shortly(numbers.unread);
  count.classList.toggle("named", numbers.mentions > 0);
  button.setAttribute("aria-label", spoken(entry));
}

/** Returns the label without its sign.
 * @param {string} label */
const bare = (label) => label.replace(/^[#@]/, "");

/** Returns the text for a screen reader.
 * @param {Entry} entry */
function spoken({ label, kind, numbers: { unread, mentions }, isMuted, isOnline }) {
  return [
    bare(label),
    kind === "private" && "private",
    kind === "direct" && (isOnline ? "online" : "offline"),
    isMuted && "notifications off",
    unread > 0 && `${unread} new`,
    mentions > 0 && `${mentions} for you`,
  ].filter(Boolean).join(", ");
}
