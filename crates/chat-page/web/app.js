// Wires state, connection and views together; nothing imports it.

import { act, create } from "./actions.js";
import { shownLogin } from "./accounts.js";
import { Connection } from "./connection.js";
import { followers } from "./frames.js";
import { guarded } from "./guard.js";
import { onlyThisVisit } from "./kept.js";
import { Lister } from "./lister.js";
import { choices, react, search, seek } from "./messages.js";
import { Navigation } from "./navigation.js";
import { Outbox } from "./outbox.js";
import { Pages } from "./pages.js";
import { readable } from "./readable.js";
import { Reading } from "./reading.js";
import { Session } from "./session.js";
import { apply, createState, cursors } from "./state.js";
import { Uploads } from "./uploads.js";
import { Attachments } from "./views/attachments.js";
import { Composer } from "./views/composer.js";
import { copyAsLog } from "./views/copying.js";
import { Dialogs } from "./views/dialogs.js";
import { Jumps } from "./views/jumps.js";
import { Login } from "./views/login.js";
import { Menu } from "./views/menu.js";
import { Offer } from "./views/offer.js";
import { People } from "./views/people.js";
import { Rooms, ordered } from "./views/rooms.js";
import { closeSides } from "./views/sides.js";
import { Status } from "./views/status.js";
import { Timeline } from "./views/timeline.js";
import { renderTyping } from "./views/typing.js";
import { PROTOCOL, endpoint } from "./wire.js";
import { hold, post, submit } from "./writing.js";

/** Of how many direct rooms is asked at the start who is online. */
const ASKED = 50;

const state = createState();
const current = () => state.rooms.get(state.current);

const connection = new Connection(endpoint(location), () => ({
  type: "hello", protocol: PROTOCOL, client: "page/0.1.0", format: "html", token: shownLogin(), resume: cursors(state), log: state.log ?? undefined,
}), readable);

/** What commands, menus and dialogs need of the page. */
const page = {
  state, connection, ask, changed, closeSides,
  isLive: () => connection.live,
  isAtEnd: () => page.timeline.atEnd,
  join: (room) => page.navigation.join(room),
  show: (room) => page.navigation.show(room),
  leave: (room) => page.navigation.leave(room),
  /** The person has written: what was missed is so no more, and the newest is shown. */
  written() {
    page.navigation.forget(current());
    page.reading.again();
    page.timeline.toNewest();
  },
  post: (text) => post(page, text),
  act: (frame) => act(page, frame),
  // After the Enter that asked for it, which would press the dialog's first button.
  open: (what) => setTimeout(() => page.dialogs.open(what)),
  tell: (text) => setTimeout(() => page.composer.note(text)),
  complain: (text) => setTimeout(() => page.composer.note(text, true)),
  tellOnce: (text) => page.offer.tell(text),
  leaveServer: (mode) => page.session.leave(mode),
  about: (about) => page.composer.about(about),
  search(words) {
    document.getElementById("search-query").value = words;
    setTimeout(() => {
      search(page);
      if (words) document.getElementById("search-form").requestSubmit();
    });
  },
};

page.outbox = new Outbox((frame) => connection.ask(frame), changed);
page.uploads = new Uploads(state, () => {
  changed();
  page.composer.goOn();
});
page.offer = new Offer();
page.login = new Login((user) => page.session.enter(user));
page.session = new Session(state, page);
page.navigation = new Navigation(state, page);
page.reading = new Reading(state, page);
page.lister = new Lister(state, ask);
page.pages = new Pages(state, ask, changed, connection.pace);
page.dialogs = new Dialogs(state, page);
page.menu = new Menu(state, page, page.dialogs);
page.status = new Status(() => connection.retry(), () => page.outbox.waiting);
page.rooms = new Rooms(state, {
  open: (room) => room && page.show(room),
  join: (room) => room && page.join(room),
  create: (room, isPrivate) => create(page, room, isPrivate, ""),
});
page.people = new People({
  choose: (from, name) => page.menu.open(from, name),
  invite: (user) => user && act(page, { type: "invite", user, room: state.current }),
});
page.composer = new Composer(state, {
  send: (input) => submit(page, input),
  hold: (input) => hold(page, input),
  typing: () => current() && !current().muted && connection.tell({ type: "typing", room: state.current }),
  escape: () => page.timeline.toNewest(),
});
page.timeline = new Timeline({
  loadOlder: () => page.pages.older(),
  loadNewer: () => page.pages.newer(),
  moved: changed,
  go: (room) => (state.rooms.has(room) ? page.show(room) : page.join(room)),
  act(what, id) {
    const entry = page.outbox.of(state.current).find((one) => one.nonce === id);
    if (what === "retry") return page.outbox.retry(id);
    page.outbox.remove(id);
    if (what === "edit" && entry) {
      if (entry.files?.length) page.uploads.restore(entry.room, entry.files);
      page.composer.set(entry.text);
      page.composer.focus();
    }
  },
  choose: (from, name) => page.menu.open(from, name),
  more: (from, item) => page.menu.offer(from, "This message", choices(page, item)),
  react: (item, emoji) => react(page, item, emoji),
  seek: (seq) => seek(page, state.current, seq),
  newest: (room) => ask({ type: "join", room: room.name }),
});
page.attachments = new Attachments(page.uploads, (files) => {
  const room = current();
  if (!room || !files.length) return;
  const wrong = room.muted ? "You can only read here." : page.uploads.add(room.name, files);
  page.composer.note(wrong ?? "", true);
  page.composer.focus();
});
page.jumps = new Jumps(page);
copyAsLog(document.getElementById("messages"), (seq) => current()?.items.find((item) => item.seq === seq));
document.getElementById("open-search").addEventListener("click", () => page.search(""));

connection.addEventListener("status", ({ detail }) => {
  page.status.set(detail);
  if (detail.status === "live") live();
});
connection.addEventListener("unanswered", ({ detail }) => page.status.unanswered(detail.since));
connection.addEventListener("refused", ({ detail }) => page.session.refused(detail));
const { before, after } = followers(page);
connection.addEventListener("frame", ({ detail: frame }) => {
  before(frame);
  const wanted = apply(state, frame, { now: Date.now(), reading: page.reading.isNow });
  for (const follow of after) guarded(follow)(frame, wanted);
});

function live() {
  page.session.welcome();
  page.outbox.owner = state.me.id;
  page.navigation.start(page.lister.list());
  page.outbox.flush();
  page.uploads.resume();
  askPresence();
}

/** Asks who of those one talks to alone is there; of comings and goings the server tells by itself. */
async function askPresence() {
  const direct = ordered(state).filter((room) => room.kind === "direct");
  for (const { name } of direct.slice(0, ASKED)) if (!(await ask({ type: "members", room: name, limit: 2 }))) return;
}

/** Asks; says what is wrong and answers nothing where it is refused. */
async function ask(frame) {
  try {
    return await connection.ask(frame);
  } catch (error) {
    if (error.code !== "offline" || !["rooms", "history", "read", "members"].includes(frame.type)) page.composer.note(error.message, true);
    return null;
  }
}

let drawing = false;
/** Draws what changed, once a frame. */
function changed() {
  if (drawing) return;
  drawing = true;
  const draw = () => {
    if (!drawing) return;
    drawing = false;
    const parts = [
      () => page.rooms.render(state),
      () => page.people.render(state),
      () => page.timeline.render(state, page.outbox.of(state.current)),
      () => page.jumps.render(state),
      () => page.composer.render(state),
      () => page.attachments.render(state.current),
      () => page.status.render(),
      () => renderTyping(current()),
      () => page.reading.follow(),
    ];
    for (const part of parts) guarded(part)();
  };
  requestAnimationFrame(draw);
  // A hidden page has no frames, and still a title to keep.
  setTimeout(draw, 250);
}

// A mute ends by the clock.
setInterval(() => current()?.muted && changed(), 10_000);

onlyThisVisit(() => page.offer.tell("This browser keeps nothing for this page. It works for this visit: what waits to be sent is lost when you close it, and you will be asked for your name again."));
page.session.begin();
