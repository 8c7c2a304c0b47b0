// The lists at the sides, which on a small screen are opened over the conversation.

function side(button, panel) {
  const toggle = (open) => {
    panel.classList.toggle("open", open);
    button.setAttribute("aria-expanded", String(open));
    if (open) panel.querySelector("button").focus();
  };
  button.addEventListener("click", () => toggle(!panel.classList.contains("open")));
  panel.querySelector("[data-close]").addEventListener("click", () => {
    toggle(false);
    button.focus();
  });
  return () => toggle(false);
}

const $ = (id) => document.getElementById(id);
const closers = [side($("open-rooms"), $("rooms")), side($("open-people"), $("people"))];

/** Closes both. */
export const closeSides = () => closers.forEach((close) => close());

document.addEventListener("keydown", (event) => event.key === "Escape" && closeSides());
