// Actions on other people: kicks, mutes, bans, roles, invitations.

import { COMMANDS, duration } from "../model/commands.js";

/** @typedef {wire.Moderate | wire.SetRole | wire.SetNotify} Act */

/** The actions that a command is named after. */
const KINDS = /** @type {const} */ (["invite", "kick", "mute", "unmute", "ban", "unban"]);

export class Moderation {
  #shown;
  #ask;
  #notes;

  /** @param {import("../model/shown.js").Shown} shown
   * @param {page.Ask} ask
   * @param {import("../views/notes.js").Notes} notes */
  constructor(shown, ask, notes) {
    this.#shown = shown;
    this.#ask = ask;
    this.#notes = notes;
  }

  /** Performs an action, and confirms it if nothing else shows it.
   * @param {Act} frame */
  async act(frame) {
    const done = await this.#ask(frame);
    if (done && frame.type === "invite") this.#notes.tell(`You invited ${frame.user}.`);
    else if (done && !frame.room) this.#notes.tell("Done.");
    return done;
  }

  /** Runs `/kick NAME` and similar commands. Returns what is wrong, or null.
   * @param {string} command @param {string} name @param {string[]} rest */
  moderate(command, name, rest) {
    const type = KINDS.find((kind) => kind === bare(command));
    if (!name || !type) return `Who? ${command} ${COMMANDS[command]?.takes}`;
    const about = type === "mute" || type === "ban" ? term(rest) : { reason: rest.join(" ") || undefined };
    this.act({ type, user: nameOf(name), ...this.#place(command), ...about });
    return null;
  }

  /** Runs `/role NAME ROLE`.
   * @param {string} command @param {string} name @param {string | undefined} role */
  role(command, name, role) {
    const roles = command.endsWith("!") ? ["admin", "member"] : ["owner", "moderator", "member"];
    if (!name || !role || !roles.includes(role)) return `${command} NAME ROLE, where ROLE is ${roles.join(", ")}.`;
    this.act({ type: "role", user: nameOf(name), role, ...this.#place(command) });
    return null;
  }

  /** Runs `/banaddr NAME|ADDRESS` and `/unbanaddr ADDRESS`.
   * @param {string} command @param {string} whom @param {string[]} rest */
  address(command, whom, rest) {
    if (!whom) return `Who, or which address? ${command} ${COMMANDS[command]?.takes}`;
    const isAddress = /^[0-9a-fA-F.:]+(\/\d+)?$/.test(whom) && /[.:]/.test(whom);
    const target = isAddress ? { address: whom } : { user: nameOf(whom), address: "current" };
    this.act({ type: command === "/banaddr" ? "ban" : "unban", ...target, ...term(rest) });
    return null;
  }

  /** Returns the room that a command applies to: the current one or, with a `!`, none, which means the whole server.
   * @param {string} command */
  #place(command) {
    return command.endsWith("!") ? {} : { room: this.#shown.name ?? undefined };
  }
}

/** @param {string} command */
const bare = (command) => command.slice(1).replace("!", "");

/** Returns the user's name in a word: `@bob` and `bob:` mean `bob`.
 * @param {string} word */
export const nameOf = (word) => word.replace(/^@/, "").replace(/[,:]$/, "");

/** Parses a reason, after an optional duration.
 * @param {string[]} words */
function term([word, ...reason]) {
  const forMs = duration(word);
  const why = forMs ? reason.join(" ") : [word, ...reason].filter(Boolean).join(" ");
  return { for_ms: forMs ?? undefined, reason: why || undefined };
}
