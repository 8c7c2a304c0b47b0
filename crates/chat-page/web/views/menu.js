// The menu on a name: what one can do with someone. Nothing is offered that would be refused.

import { direct } from "../actions.js";
import { isAdmin, mayActOn, mayGive } from "../rights.js";
import { label } from "../words.js";

const ROLES = [["owner", "an owner"], ["moderator", "a moderator"], ["member", "a mere member"]];

export class Menu {
  #box = document.getElementById("menu");
  #state;
  #page;
  #from = null;

  constructor(state, page, dialogs) {
    this.#state = state;
    this.#page = page;
    this.dialogs = dialogs;
    this.#box.addEventListener("keydown", (event) => this.#key(event));
    addEventListener("pointerdown", (event) => !this.#box.contains(event.target) && this.close());
    addEventListener("resize", () => this.close());
  }

  /** Opens beside `from` for the user of that name. */
  async open(from, name) {
    const { current, me } = this.#state;
    const answer = await this.#page.ask({ type: "members", room: current, prefix: name, limit: 200 });
    const member = answer?.members.find((one) => one.user.name === name);
    this.offer(from, name, this.#choices(member ?? { user: { name, id: null }, role: null, gone: true }, me));
  }

  /** Opens beside `from` with choices of words and what they do. */
  offer(from, name, choices) {
    this.#from = from;
    const items = choices.map(([text, act]) => {
      const button = document.createElement("button");
      button.type = "button";
      button.role = "menuitem";
      button.textContent = text;
      button.addEventListener("click", () => {
        this.close();
        act();
      });
      return button;
    });
    if (!items.length) return;
    this.#box.replaceChildren(...items);
    this.#box.setAttribute("aria-label", name);
    this.#box.hidden = false;
    const { left, bottom } = from.getBoundingClientRect();
    const { width, height } = this.#box.getBoundingClientRect();
    this.#box.style.left = `${Math.max(8, Math.min(left, innerWidth - width - 8))}px`;
    this.#box.style.top = `${Math.max(8, Math.min(bottom + 4, innerHeight - height - 8))}px`;
    items[0].focus();
  }

  close() {
    if (this.#box.hidden) return;
    const hadFocus = this.#box.contains(document.activeElement);
    this.#box.hidden = true;
    if (hadFocus) this.#from?.focus?.();
  }

  #choices(member, me) {
    const state = this.#state;
    const room = state.rooms.get(state.current);
    const { name, id } = member.user;
    const choices = [];
    if (name === me?.name) return choices;
    choices.push([`Write to ${name} alone`, () => direct(this.#page, name, "")]);
    const here = { user: name, room: state.current };
    const done = (frame) => () => this.#page.act(frame);
    const asked = (title, frame) => () => this.dialogs.ask(title, frame);
    if (id !== null && mayActOn(state, member)) {
      const place = label(room);
      choices.push([`Put ${name} out of ${place}…`, asked(`Put ${name} out of ${place}`, { type: "kick", ...here })]);
      if (member.muted) choices.push([`Let ${name} speak again`, done({ type: "unmute", ...here })]);
      else choices.push([`Let ${name} only read…`, asked(`Let ${name} only read in ${place}`, { type: "mute", ...here })]);
      choices.push([`Ban ${name} from ${place}…`, asked(`Ban ${name} from ${place}`, { type: "ban", ...here })]);
      for (const [role, words] of ROLES) {
        if (member.role !== role && mayGive(state, role)) choices.push([`Make ${name} ${words} of ${place}`, done({ type: "role", role, ...here })]);
      }
    }
    if (isAdmin(state) && !member.admin) {
      choices.push([`Let ${name} only read, everywhere…`, asked(`Let ${name} only read on the whole server`, { type: "mute", user: name })]);
      choices.push([`Ban ${name} from the server…`, asked(`Ban ${name} from the server`, { type: "ban", user: name })]);
    }
    return choices;
  }

  #key(event) {
    const items = [...this.#box.children];
    const at = items.indexOf(document.activeElement);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: items.length - 1 }[event.key];
    if (to !== undefined) {
      event.preventDefault();
      items[(to + items.length) % items.length].focus();
    } else if (event.key === "Escape" || event.key === "Tab") {
      event.preventDefault();
      event.stopPropagation();
      this.close();
    }
  }
}
