// Missed messages that become visible are no longer missed.

/** Subtracts the visible rows from what was missed. Returns whether anything changed.
 * @param {page.RoomView} view @param {HTMLElement} frame what scrolls @param {HTMLElement} list its rows */
export function lookFor(view, frame, list) {
  const { unread, mentions } = view.missed;
  if (view.divider === null || (!unread && !mentions)) return false;
  const { top, bottom } = frame.getBoundingClientRect();
  const isSeen = (/** @type {Element} */ node) => {
    const box = node.getBoundingClientRect();
    return box.bottom > top && box.top < bottom;
  };
  const divider = list.querySelector(".divider.new");
  if (divider && isSeen(divider)) view.missed.unread = 0;
  for (const node of mentions ? list.querySelectorAll(".names-me") : []) {
    const seq = node instanceof HTMLElement ? Number(node.dataset.seq) : 0;
    if (seq <= view.divider || view.seenMentions.has(seq) || !isSeen(node)) continue;
    view.seenMentions.add(seq);
    view.missed.mentions = Math.max(0, view.missed.mentions - 1);
  }
  return view.missed.unread !== unread || view.missed.mentions !== mentions;
}
