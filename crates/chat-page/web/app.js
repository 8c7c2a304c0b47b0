// Creates the parts of the page, connects them, and starts. Nothing imports it.

import { asking } from "./actions/asking.js";
import { following } from "./actions/following.js";
import { Lister } from "./actions/lister.js";
import { Session } from "./actions/session.js";
import { readable } from "./model/readable.js";
import { Shown } from "./model/shown.js";
import { apply, clear, createState, cursors, ordered } from "./model/state.js";
import { PROTOCOL, endpoint } from "./model/wire.js";
import { shownLogin } from "./net/accounts.js";
import { Connection } from "./net/connection.js";
import { guarded } from "./net/guard.js";
import { onlyThisVisit } from "./net/kept.js";
import { Outbox } from "./net/outbox.js";
import { Uploads } from "./net/uploads.js";
import { attract, speak } from "./views/attention.js";
import "./views/closing.js";
import { Dialogs } from "./views/dialogs.js";
import { Login } from "./views/login.js";
import { Notes } from "./views/notes.js";
import { Offer } from "./views/offer.js";
import { Redraw } from "./views/redraw.js";
import { Status } from "./views/status.js";
import { wireConversation } from "./wiring/conversation.js";
import { wireSides } from "./wiring/sides.js";
import { wireWriting } from "./wiring/writing.js";

/** For how many direct rooms the page asks at the start whether the other user is online. */
const ASKED = 50;

const state = createState();
const shown = new Shown(state);
const notes = new Notes();
const offer = new Offer();
const redraw = new Redraw();
const { changed } = redraw;

/** @type {Connection} */
const connection = new Connection(
  endpoint(location),
  () => ({ type: "hello", protocol: PROTOCOL, client: "page/0.1.0", format: "html", token: shownLogin(), resume: cursors(state), log: state.log ?? undefined }),
  (said) => readable(said, Date.now()),
  {
    frame: take,
    status(now) {
      status.set(now);
      if (now.status === "live") live();
    },
    refused: (why) => session.refused(why),
    unanswered: (since) => status.unanswered(since),
  },
);
const ask = asking(connection, notes);
const outbox = new Outbox((frame) => connection.ask(frame), changed);
const uploads = new Uploads(() => state.limits, () => {
  changed();
  composer.goOn();
});
const lister = new Lister(state, ask);
/** @type {Login} */
const login = new Login((user) => session.enter(user));
/** @type {Session} */
const session = new Session({ connection, login, offer, forget });
const status = new Status(() => connection.retry(), () => outbox.waiting);
const dialogs = new Dialogs({ state, shown, ask, notes, leave: (mode) => session.leave(mode) });
const open = (/** @type {string} */ dialog) => dialogs.open(dialog);

const writing = wireWriting({
  state, shown, connection, ask, outbox, uploads, notes, offer, open, changed,
  search: (words) => conversation.search.open(words),
  toNewest: () => conversation.timeline.toNewest(),
});
const { bar, composer, moderation, navigation, reading } = writing;
const conversation = wireConversation({ state, shown, ask, pace: connection.pace, outbox, uploads, notes, composer, moderation, navigation, changed });
const sides = wireSides({ state, shown, moderation, navigation, openPerson: conversation.openPerson, open });
redraw.draws([...sides.draw, ...conversation.draw, ...writing.draw, () => status.render(), () => reading.follow()]);

/** @type {import("./actions/following.js").Follower[]} */
const followers = [
  ...following({ state, shown, connection, outbox, navigation, session, lister, notes, changed }),
  (frame) => frame.type === "message" && speak(state, shown.name, frame),
  (frame) => frame.type === "message" && attract(state, frame, (room) => navigation.show(room)),
];

/** Takes a frame from the server.
 * @param {wire.ServerFrame} frame */
function take(frame) {
  // The room may be gone afterwards.
  const room = frame.type === "member" ? state.rooms.get(frame.room) ?? null : null;
  const numbers = shown.numbers();
  const outcome = apply(state, frame, { now: Date.now(), shown: shown.name, reading: reading.isNow });
  if (outcome === "switched") shown.open(null);
  shown.follow(frame, numbers);
  for (const follow of followers) guarded(follow)(frame, outcome, room);
}

/** Handles the welcome. */
function live() {
  if (!state.me) return;
  session.welcome(state.me);
  outbox.owner = state.me.id;
  navigation.start(lister.list());
  outbox.flush();
  uploads.resume();
  askPresence();
}

/** Asks which users of direct rooms are online. By itself, the server only reports changes. */
async function askPresence() {
  const direct = ordered(state).filter((room) => room.kind === "direct");
  for (const { name } of direct.slice(0, ASKED)) if (!(await ask({ type: "members", room: name, limit: 2 }))) return;
}

/** Handles that the person logs out: nothing of theirs stays in the page or in the browser. */
function forget() {
  outbox.clear();
  uploads.clear();
  offer.hide();
  clear(state);
  shown.open(null);
  composer.clear();
  bar.clear();
  changed();
}

// A mute ends with time, without an event.
setInterval(() => shown.room?.muted && changed(), 10_000);

onlyThisVisit(() => offer.tell("This browser does not let the page store anything. When you close the page, unsent messages are lost, and next time you are asked for your name again."));
session.begin();
