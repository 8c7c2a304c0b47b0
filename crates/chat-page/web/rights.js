// What the person may do, so that nothing is offered that the server would refuse. The server decides.

export const isAdmin = (state) => state.me?.role === "admin";

const RANK = { owner: 2, moderator: 1 };
const rank = (state, room) => (isAdmin(state) ? 3 : RANK[room?.role] ?? 0);

/** Whether the person has what is needed: nothing, guest, account, moderator or admin. */
export function has(needs, state) {
  const room = state.rooms.get(state.current);
  switch (needs) {
    case "guest":
      return state.me?.kind === "guest";
    case "account":
      return state.me?.kind === "account";
    case "moderator":
      return Boolean(room) && room.kind !== "direct" && rank(state, room) > 0;
    case "admin":
      return isAdmin(state);
    default:
      return true;
  }
}

/** Whether the person may kick, mute, ban a member of the room shown, or change their role. */
export function mayActOn(state, member) {
  const room = state.rooms.get(state.current);
  if (!has("moderator", state) || member.admin || member.user.id === state.me?.id) return false;
  return member.role !== "owner" || rank(state, room) >= 2;
}

/** Whether the person may give this role in the room shown. */
export const mayGive = (state, role) => rank(state, state.rooms.get(state.current)) >= Math.max(1, RANK[role] ?? 0);
