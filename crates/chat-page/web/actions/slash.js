// Runs slash commands.

import { nameOf } from "./moderation.js";
import { tooLong } from "./posting.js";

/** What the commands need.
 * @typedef {object} Needs
 * @property {import("../model/shown.js").Shown} shown
 * @property {page.Ask} ask
 * @property {import("./navigation.js").Navigation} navigation
 * @property {import("./moderation.js").Moderation} moderation
 * @property {import("./posting.js").Posting} posting
 * @property {import("../views/notes.js").Notes} notes
 * @property {(dialog: string) => void} open opens a dialog
 * @property {(words: string) => void} search opens the search
 */

export class Slash {
  #needs;

  /** @param {Needs} needs */
  constructor(needs) {
    this.#needs = needs;
  }

  /** Runs a command. Returns what is wrong with it, or null.
   * @param {string} command @param {string} rest @returns {string | null} */
  run(command, rest) {
    const { shown, ask, navigation, moderation, notes, search } = this.#needs;
    const [first = "", ...more] = rest.split(/\s+/);
    const room = first.replace(/^#/, "");
    switch (command) {
      case "/join":
        if (!room) return "Which room? /join ROOM";
        navigation.join(room);
        return null;
      case "/create":
      case "/private":
        if (!room) return `What is it called? ${command} ROOM [TOPIC]`;
        navigation.create(room, command === "/private", more.join(" "));
        return null;
      case "/leave":
        navigation.leave(room || (shown.name ?? ""));
        return null;
      case "/topic":
        ask({ type: "topic", room: shown.name ?? "", topic: rest });
        return null;
      case "/dm": {
        if (!first) return "Who? /dm NAME [TEXT]";
        const text = more.join(" ");
        const wrong = tooLong(text);
        if (!wrong) this.#direct(nameOf(first), text);
        return wrong;
      }
      case "/who":
        notes.tell(`Online: ${[...(shown.room?.online.values() ?? [])].map((user) => user.name).join(", ")}`);
        return null;
      case "/search":
        // Wait until the Enter key is handled, or it would press the dialog's first button.
        setTimeout(() => search(rest));
        return null;
      case "/notify":
        return this.#notify(first);
      case "/role":
      case "/role!":
        return moderation.role(command, first, more[0]);
      case "/banaddr":
      case "/unbanaddr":
        return moderation.address(command, first, more);
      case "/register":
      case "/login":
      case "/password":
      case "/sessions":
      case "/logout":
      case "/audit":
      case "/help":
        setTimeout(() => this.#needs.open(command.slice(1)));
        return null;
      default:
        return moderation.moderate(command, first, more);
    }
  }

  /** @param {string} user @param {string} text */
  async #direct(user, text) {
    const { navigation, posting, notes } = this.#needs;
    const isShown = await navigation.direct(user);
    const wrong = isShown && text ? posting.post(text) : null;
    if (wrong) notes.complain(wrong);
  }

  /** @param {string} level */
  #notify(level) {
    const { shown, moderation, notes } = this.#needs;
    if (!["all", "mentions", "none"].includes(level)) return "/notify all, /notify mentions or /notify none";
    if (!shown.room) return "You are in no room yet.";
    shown.room.notify = level;
    moderation.act({ type: "notify", room: shown.room.name, level }).then((done) => done && notes.tell("Done."));
    return null;
  }
}
