// The search: a dialog with the results, from which the person can jump to each message.

import { gist, label } from "../model/words.js";
import { element, make, makeButton, onSubmit } from "./dom.js";

/** How many messages are shown. */
const MOST = 50;

/** What the search needs.
 * @typedef {object} Needs
 * @property {page.State} state
 * @property {page.Ask} ask
 * @property {import("./notes.js").Notes} notes
 * @property {(room: string, seq: wire.Seq) => void} seek goes to a message
 */

export class Search {
  #dialog = element("search-dialog", HTMLDialogElement);
  #form = element("search-form", HTMLFormElement);
  #query = element("search-query", HTMLInputElement);
  #told = element("search-told");
  #found = element("search-found");
  #needs;

  /** @param {Needs} needs */
  constructor(needs) {
    this.#needs = needs;
    onSubmit(this.#form, () => this.#search());
    element("open-search").addEventListener("click", () => this.open(""));
  }

  /** Opens the dialog, and searches for words if there are any.
   * @param {string} words */
  open(words) {
    this.#query.value = words;
    this.#dialog.showModal();
    if (words) this.#form.requestSubmit();
  }

  async #search() {
    const { ask, notes } = this.#needs;
    const answer = await ask({ type: "search", query: this.#query.value, limit: MOST });
    const found = answer?.messages ?? [];
    this.#told.textContent = answer ? `${found.length}${answer.more ? " or more" : ""} found` : notes.text;
    this.#found.replaceChildren(...found.map((message) => this.#line(message)));
  }

  /** @param {wire.Found} message */
  #line(message) {
    const { state, seek } = this.#needs;
    const button = makeButton(`${message.by.name} in ${label(state.rooms.get(message.room) ?? { name: message.room })}: `, () => {
      this.#dialog.close();
      seek(message.room, message.seq);
    });
    button.dir = "auto";
    button.append(...marked(message.snippet || gist(message)));
    const li = make("li");
    li.append(button);
    return li;
  }
}

/** Returns a snippet with the matching words highlighted. The server puts them between U+E000 and U+E001.
 * @param {string} snippet */
function marked(snippet) {
  return snippet.split(/([\ue000][^\ue001]*[\ue001])/).map((part) => (part.startsWith("\ue000") ? make("mark", part.slice(1, -1)) : part));
}
