// Reactions to messages.

/** Returns a function that adds a reaction to a message, or removes it if the person already added it.
 * @param {page.State} state
 * @param {import("../model/shown.js").Shown} shown
 * @param {page.Ask} ask
 * @returns {(item: wire.Message, emoji: string) => void} */
export const reacting = (state, shown, ask) => (item, emoji) => {
  const { me } = state;
  const isMine = item.reactions?.some((one) => one.emoji === emoji && me !== null && one.users.includes(me.name));
  ask({ type: isMine ? "unreact" : "react", room: shown.name ?? "", seq: item.seq, emoji });
};
