// How every dialog closes: by its button, or by a press beside it.

import { element } from "./dom.js";

for (const { id } of document.querySelectorAll("dialog")) {
  const dialog = element(id, HTMLDialogElement);
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog || (event.target instanceof Element && event.target.closest("[data-close]"))) dialog.close();
  });
  // When the mouse closed the dialog, Chromium gives the focus back without the caret, and nothing could be typed.
  dialog.addEventListener("close", () => {
    const { activeElement } = document;
    if (!(activeElement instanceof HTMLTextAreaElement)) return;
    activeElement.blur();
    activeElement.focus();
  });
}
