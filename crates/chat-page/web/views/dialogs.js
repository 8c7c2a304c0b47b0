// The dialogs: an account's, a moderation act's, and lists to read.

import * as accounts from "../accounts.js";
import { usable } from "../actions.js";
import { allowNotifications } from "../attention.js";
import { wholeOf } from "../time.js";

const KEYS = [
  ["Alt+U", "go to the first unread message"],
  ["Alt+M", "go to the next message that names you"],
  ["Alt+↑, Alt+↓", "go to the room above or below"],
  ["Escape", "go back to the newest message"],
];

const $ = (id) => document.getElementById(id);

/** An element with a text and a class. */
function make(tag, text, kind = "") {
  const node = document.createElement(tag);
  node.textContent = text;
  node.className = kind;
  node.dir = "auto";
  return node;
}

export class Dialogs {
  #state;
  #page;
  #act = null;

  constructor(state, page) {
    this.#state = state;
    this.#page = page;
    $("account").addEventListener("click", (event) => {
      const what = event.target.dataset?.open;
      if (!what) return;
      event.currentTarget.open = false;
      this.open(what);
    });
    for (const dialog of document.querySelectorAll("dialog")) {
      dialog.addEventListener("click", (event) => {
        if (event.target === dialog || event.target.closest("[data-close]")) dialog.close();
      });
      // Chromium gives the focus back without the caret where the mouse closed the dialog: nothing could be typed.
      dialog.addEventListener("close", () => {
        const { activeElement } = document;
        if (activeElement instanceof HTMLTextAreaElement) {
          activeElement.blur();
          activeElement.focus();
        }
      });
    }
    $("act-form").addEventListener("submit", (event) => {
      event.preventDefault();
      const data = new FormData(event.target);
      const forMs = Number(data.get("for"));
      $("act-dialog").close();
      page.act({ ...this.#act, reason: data.get("reason").trim() || undefined, for_ms: this.#act.type === "kick" ? undefined : forMs || undefined });
    });
    this.#form("password-form", "password-dialog", (data) => accounts.changePassword(data.get("old"), data.get("new")), "Your password is changed, and your other logins have ended.");
    this.#form("keep-form", "keep-dialog", (data) => accounts.register(state.me.name, data.get("new"), data.get("invitation")), "Your name is yours now, with its password.");
  }

  /** A form with a new password that is typed twice. */
  #form(id, dialog, send, done) {
    $(id).addEventListener("submit", async (event) => {
      event.preventDefault();
      const form = event.target;
      const error = form.querySelector(".error");
      const data = new FormData(form);
      error.textContent = data.get("new") === data.get("again") ? "" : "The two passwords differ. Type it again.";
      if (error.textContent) return;
      try {
        await send(data);
        form.reset();
        $(dialog).close();
        this.#page.tell(done);
      } catch (refused) {
        error.textContent = refused.message;
      }
    });
  }

  /** Opens what a command or a button asks for. */
  async open(what) {
    switch (what) {
      case "register": {
        const { registration } = await accounts.server();
        if (registration === "closed") return this.#page.complain("Nobody can register here. Ask someone who runs this server for an account.");
        $("keep-invitation").hidden = registration !== "invite";
        $("keep-name").value = this.#state.me.name;
        return $("keep-dialog").showModal();
      }
      case "password":
        $("password-name").value = this.#state.me.name;
        return $("password-dialog").showModal();
      case "login":
      case "logout":
        return this.#page.leaveServer(what === "login" ? "signin" : "guest");
      case "notifications": {
        const { done, wrong } = await allowNotifications();
        return wrong ? this.#page.complain(wrong) : this.#page.tell(done);
      }
      case "help":
        return this.#list("Commands and keys", [...usable(this.#state).map(([name, { takes, help }]) => [`${name} ${takes}`, help]), ...KEYS]);
      case "audit": {
        const answer = await this.#page.ask({ type: "audit", limit: 200 });
        if (!answer) return null;
        const line = ({ at, by, action, target, room, reason }) => [`${by}: ${action} ${target}${room ? ` in #${room}` : ""}${reason ? ` (${reason})` : ""}`, wholeOf(at)];
        return this.#list("What moderators and admins did", answer.entries.map(line));
      }
      default:
        return this.#sessions();
    }
  }

  async #sessions() {
    const answer = await this.#page.ask({ type: "sessions" });
    if (!answer) return;
    this.#list("Where you are logged in", answer.sessions.map(({ id, client, seen_at, current }) => {
      const end = make("button", current ? "This one" : "End it");
      end.type = "button";
      end.disabled = current;
      end.addEventListener("click", async () => {
        if (await this.#page.ask({ type: "revoke", session: id })) this.#sessions();
      });
      return [client || "Unknown program", `last used ${wholeOf(seen_at)}`, end];
    }));
  }

  /** Lines of a head and a text, with something to press. */
  #list(title, lines) {
    $("list-title").textContent = title;
    $("list-lines").replaceChildren(
      ...lines.map(([head, text, button]) => {
        const li = document.createElement("li");
        li.append(make("strong", head), make("span", text), ...(button ? [button] : []));
        return li;
      }),
    );
    if (!$("list-dialog").open) $("list-dialog").showModal();
  }

  /** Asks why, and for how long, before something is done to someone. */
  ask(title, frame) {
    this.#act = frame;
    $("act-title").textContent = title;
    $("act-form").reset();
    $("act-for-row").hidden = frame.type === "kick";
    $("act-for").value = frame.type === "mute" ? "600000" : "";
    $("act-dialog").showModal();
  }
}
