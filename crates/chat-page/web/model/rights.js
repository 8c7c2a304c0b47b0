// What the person may do, so that the page only offers what the server would allow. The server decides.

/** What a command or a button needs: to be a guest, to have an account, to moderate this room, to be an admin.
 * @typedef {"guest" | "account" | "moderator" | "admin"} Need */

/** Who the person is and the room on the screen.
 * @typedef {{ me: wire.Me | null, room: page.Room | null }} Here */

/** @type {Record<string, number>} */
const RANKS = { owner: 2, moderator: 1 };

/** @param {wire.Me | null} me */
export const isAdmin = (me) => me?.role === "admin";

/** @param {Here} here */
const rank = ({ me, room }) => (isAdmin(me) ? 3 : RANKS[room?.role ?? ""] ?? 0);

/** Whether the person has what is needed.
 * @param {Need | undefined} need @param {Here} here */
export function has(need, { me, room }) {
  switch (need) {
    case "guest":
      return me?.kind === "guest";
    case "account":
      return me?.kind === "account";
    case "moderator":
      return room !== null && room.kind !== "direct" && rank({ me, room }) > 0;
    case "admin":
      return isAdmin(me);
    default:
      return true;
  }
}

/** Whether the person may kick, mute or ban a member of the room, or change their role.
 * @param {Here} here @param {wire.Member} member */
export function mayActOn(here, member) {
  if (!has("moderator", here) || member.admin || member.user.id === here.me?.id) return false;
  return member.role !== "owner" || rank(here) >= 2;
}

/** Whether the person may give this role in the room.
 * @param {Here} here @param {string} role */
export const mayGive = (here, role) => rank(here) >= Math.max(1, RANKS[role] ?? 0);
