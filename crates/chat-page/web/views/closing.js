// Closes dialogs: by their button, or by a click beside them.

import { element } from "./dom.js";

for (const { id } of document.querySelectorAll("dialog")) {
  const dialog = element(id, HTMLDialogElement);
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog || (event.target instanceof Element && event.target.closest("[data-close]"))) dialog.close();
  });
  // If the mouse closed the dialog, Chromium restores the focus without the caret, so that nothing could be typed.
  dialog.addEventListener("close", () => {
    const { activeElement } = document;
    if (!(activeElement instanceof HTMLTextAreaElement)) return;
    activeElement.blur();
    activeElement.focus();
  });
}
