// The lists at the sides, which on a small screen open over the conversation.

import { element, inside } from "./dom.js";

/** Returns a function that closes a side.
 * @param {HTMLElement} button opens and closes it @param {HTMLElement} panel */
function side(button, panel) {
  const setOpen = (/** @type {boolean} */ isOpen) => {
    panel.classList.toggle("open", isOpen);
    button.setAttribute("aria-expanded", String(isOpen));
    if (isOpen) inside(panel, "button").focus();
  };
  button.addEventListener("click", () => setOpen(!panel.classList.contains("open")));
  inside(panel, "[data-close]").addEventListener("click", () => {
    setOpen(false);
    button.focus();
  });
  return () => setOpen(false);
}

const closers = [side(element("open-rooms"), element("rooms")), side(element("open-people"), element("people"))];

/** Closes both. */
export const closeSides = () => closers.forEach((close) => close());

document.addEventListener("keydown", (event) => event.key === "Escape" && closeSides());
