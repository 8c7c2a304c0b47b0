// Connects the parts for reading: the timeline, its menus, and navigation in it.

import { History } from "../actions/history.js";
import { messageChoices } from "../actions/message-choices.js";
import { Missed } from "../actions/missed.js";
import { pendingActs } from "../actions/pending.js";
import { personChoices } from "../actions/person-choices.js";
import { reacting } from "../actions/reacting.js";
import { Seeking } from "../actions/seeking.js";
import { ActDialog } from "../views/act-dialog.js";
import { copyAsLog } from "../views/copying.js";
import { element } from "../views/dom.js";
import { EmojiPicker } from "../views/emoji-picker.js";
import { Header } from "../views/header.js";
import { Menu } from "../views/menu.js";
import { MissedButtons } from "../views/missed-buttons.js";
import { Search } from "../views/search.js";
import { followClicks } from "../views/timeline-clicks.js";
import { Timeline } from "../views/timeline.js";
import { renderTyping } from "../views/typing.js";

/** How many members with the same beginning of their names are requested when a menu opens. */
const MEMBERS = 200;

/** What the conversation needs.
 * @typedef {object} Needs
 * @property {page.State} state
 * @property {import("../model/shown.js").Shown} shown
 * @property {page.Ask} ask
 * @property {import("../model/pace.js").Pace} pace
 * @property {import("../net/outbox.js").Outbox} outbox
 * @property {import("../net/uploads.js").Uploads} uploads
 * @property {import("../views/notes.js").Notes} notes
 * @property {import("../views/composer.js").Composer} composer
 * @property {import("../actions/moderation.js").Moderation} moderation
 * @property {import("../actions/navigation.js").Navigation} navigation
 * @property {() => void} changed
 */

/** @param {Needs} needs */
export function wireConversation({ state, shown, ask, pace, outbox, uploads, notes, composer, moderation, navigation, changed }) {
  const list = element("messages");
  const header = new Header();
  const menu = new Menu();
  const picker = new EmojiPicker();
  const actDialog = new ActDialog((frame) => moderation.act(frame));
  const history = new History(state, shown, ask, pace, changed);
  const seeking = new Seeking(state, shown, ask, (room) => navigation.show(room));
  const missed = new Missed(state, shown, ask, seeking, notes);
  const missedButtons = new MissedButtons(missed);
  const search = new Search({ state, ask, notes, seek: (room, seq) => seeking.seek(room, seq) });
  const timeline = new Timeline({
    state, shown, history, changed,
    pending: (room) => outbox.of(room),
    attach: (room) => ask({ type: "join", room: room.name }),
  });

  const react = reacting(state, shown, ask);
  const aboutMessage = {
    state, shown, ask,
    write: (/** @type {page.About} */ about) => composer.write(about),
    pick: (/** @type {wire.Message} */ item) => picker.open((emoji) => react(item, emoji)),
  };
  const aboutPerson = {
    state, shown,
    direct: (/** @type {string} */ user) => navigation.direct(user),
    act: (/** @type {wire.Moderate | wire.SetRole} */ frame) => moderation.act(frame),
    confirm: (/** @type {string} */ act, /** @type {string} */ place, /** @type {wire.Moderate} */ frame) => actDialog.open(act, place, frame),
  };

  /** Opens the menu of a person.
   * @param {HTMLElement} from @param {string} name */
  async function openPerson(from, name) {
    const answer = shown.name === null ? null : await ask({ type: "members", room: shown.name, prefix: name, limit: MEMBERS });
    const member = answer?.members.find((one) => one.user.name === name);
    menu.open(from, name, personChoices(aboutPerson, member ?? { user: { id: null, name } }));
  }

  const itemOf = (/** @type {wire.Seq} */ seq) => shown.room?.items.find((item) => item.seq === seq);
  copyAsLog(list, itemOf);
  followClicks(list, {
    itemOf, react,
    person: openPerson,
    message: (from, item) => menu.open(from, "This message", messageChoices(aboutMessage, item)),
    pending: pendingActs(shown, outbox, uploads, composer),
    seek: (seq) => shown.name !== null && seeking.seek(shown.name, seq),
    go: (room) => (state.rooms.has(room) ? navigation.show(room) : navigation.join(room)),
  });

  return {
    openPerson, search, timeline,
    draw: [
      () => header.render(shown.room),
      () => timeline.render(),
      () => missedButtons.render(shown.room ? shown.of(shown.room).missed : { unread: 0, mentions: 0 }),
      () => renderTyping(shown.room),
    ],
  };
}
