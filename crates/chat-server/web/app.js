// Wires state, connection and views together; nothing imports it.

import { act, create } from "./actions.js";
import * as accounts from "./accounts.js";
import { attract, speak } from "./attention.js";
import { Connection } from "./connection.js";
import { Outbox } from "./outbox.js";
import { choices, react, search, seek } from "./messages.js";
import { readable } from "./readable.js";
import { apply, createState, cursors, newer } from "./state.js";
import { Uploads } from "./uploads.js";
import { Attachments } from "./views/attachments.js";
import { Composer } from "./views/composer.js";
import { Dialogs } from "./views/dialogs.js";
import { Jumps } from "./views/jumps.js";
import { Login } from "./views/login.js";
import { Menu } from "./views/menu.js";
import { People } from "./views/people.js";
import { Rooms, ordered } from "./views/rooms.js";
import { Status } from "./views/status.js";
import { Timeline } from "./views/timeline.js";
import { PAGE, PROTOCOL, TYPING_MS, endpoint } from "./wire.js";
import { toldMe } from "./words.js";
import { hold, post, submit } from "./writing.js";

const READ_AFTER_MS = 700;
/** Of how many direct rooms is asked at the start who is online. */
const ASKED = 50;

const state = createState();
/** Who one was last, to be offered again; the session itself is a cookie. */
const kept = {
  get: (key) => localStorage.getItem(`chat.${key}`),
  set: (key, value) => (value === null ? localStorage.removeItem(`chat.${key}`) : localStorage.setItem(`chat.${key}`, value)),
};

const connection = new Connection(endpoint(location), () => ({
  type: "hello", protocol: PROTOCOL, client: "page/0.1.0", format: "html", resume: cursors(state), log: state.log ?? undefined,
}), readable);
const outbox = new Outbox((frame) => connection.ask(frame), () => changed());

const uploads = new Uploads(state, () => {
  changed();
  composer.goOn();
});

/** What commands, menus and dialogs need of the page. */
const page = {
  state,
  ask,
  join,
  show,
  leave,
  outbox,
  uploads,
  get composer() {
    return composer;
  },
  /** The person has written: what was missed is so no more, and the newest is shown. */
  written() {
    forget(state.rooms.get(state.current));
    timeline.toNewest();
  },
  post: (text) => post(page, text),
  act: (frame) => act(page, frame),
  // After the Enter that asked for it, which would press the dialog's first button.
  open: (what) => setTimeout(() => dialogs.open(what)),
  tell: (text) => setTimeout(() => composer.note(text)),
  complain: (text) => setTimeout(() => composer.note(text, true)),
  leaveServer,
  about: (about) => composer.about(about),
  search(words) {
    document.getElementById("search-query").value = words;
    setTimeout(() => {
      search(page);
      if (words) document.getElementById("search-form").requestSubmit();
    });
  },
};

const login = new Login((user) => enter(user));
const dialogs = new Dialogs(state, page);
const menu = new Menu(state, page, dialogs);
const rooms = new Rooms({
  open: (room) => room && show(room),
  join: (room) => room && join(room),
  create: (room, isPrivate) => create(page, room, isPrivate, ""),
});
const people = new People({
  choose: (from, name) => menu.open(from, name),
  invite: (user) => user && act(page, { type: "invite", user, room: state.current }),
});
const status = new Status(() => connection.retry(), () => outbox.waiting);
const composer = new Composer(state, {
  send: (input) => submit(page, input),
  hold: (input) => hold(page, input),
  typing: () => state.current && !state.rooms.get(state.current)?.muted && connection.tell({ type: "typing", room: state.current }),
  escape: () => timeline.toNewest(),
});
const timeline = new Timeline({
  loadOlder() {
    const room = state.rooms.get(state.current);
    if (!room || room.loading || !room.more) return;
    room.loading = true;
    ask({ type: "history", room: room.name, before: room.items[0]?.seq ?? room.head + 1, limit: PAGE }).finally(() => (room.loading = false));
  },
  async loadNewer() {
    const room = state.rooms.get(state.current);
    if (!room || room.loading || !room.apart) return;
    Object.assign(room, { loading: true, seeking: true });
    const answer = await ask({ type: "history", room: room.name, after: room.items.at(-1)?.seq ?? 0, limit: PAGE });
    Object.assign(room, { loading: false, seeking: false });
    if (answer) newer(state, answer);
    changed();
  },
  moved: () => changed(),
  go: (room) => (state.rooms.has(room) ? show(room) : join(room)),
  act(what, id) {
    const entry = outbox.of(state.current).find((one) => one.nonce === id);
    if (what === "retry") return outbox.retry(id);
    outbox.remove(id);
    if (what === "edit" && entry) {
      if (entry.files?.length) uploads.restore(entry.room, entry.files);
      composer.set(entry.text);
      composer.focus();
    }
  },
  choose: (from, name) => menu.open(from, name),
  more: (from, item) => menu.offer(from, "This message", choices(page, item)),
  react: (item, emoji) => react(page, item, emoji),
  seek: (seq) => seek(page, state.current, seq),
  newest: (room) => ask({ type: "join", room: room.name }),
});
const attachments = new Attachments(uploads, (files) => {
  const room = state.rooms.get(state.current);
  if (!room || !files.length) return;
  const wrong = room.muted ? "You can only read here." : uploads.add(room.name, files);
  composer.note(wrong ?? "", true);
  composer.focus();
});
const jumps = new Jumps(page);
document.getElementById("open-search").addEventListener("click", () => page.search(""));
document.getElementById("account").addEventListener("click", (event) => {
  const what = event.target.dataset?.open;
  if (!what) return;
  event.currentTarget.open = false;
  dialogs.open(what);
});

connection.addEventListener("status", ({ detail }) => {
  status.set(detail);
  if (detail.status === "live") live();
});
connection.addEventListener("refused", ({ detail }) => {
  connection.stop();
  // Without a cookie, or with one that has ended, there is nobody to be.
  const nobody = ["unauthorized", "bad_request"].includes(detail.code);
  askWho(nobody ? "" : detail.message);
});
connection.addEventListener("frame", ({ detail: frame }) => {
  const room = frame.type === "member" ? state.rooms.get(frame.room) : null;
  const wanted = apply(state, frame, { now: Date.now(), reading: isReading() });
  if (frame.type === "message") {
    if (frame.by.id === state.me?.id && frame.nonce) outbox.remove(frame.nonce);
    speak(state, frame);
    attract(state, frame, show);
  }
  if (frame.type === "notice") composer.note(`${frame.text}${frame.room ? ` /join ${frame.room}` : ""}`);
  if (frame.type === "error" && frame.id == null && frame.code === "banned") askWho(frame.message);
  if (frame.type === "goodbye" && frame.code === "revoked") askWho(frame.text);
  if (frame.type === "joined" && frame.id == null) composer.note(`${frame.room.user?.name} wants to talk to you alone.`);
  if (wanted === "resume") connection.resume();
  if (wanted === "load" && frame.room === state.current) join(frame.room);
  if (wanted === "gone" && frame.room === state.current) showNext();
  if (wanted === "told" || wanted === "gone") composer.note(toldMe(frame, room) ?? "", ["muted", "kicked", "banned"].includes(frame.change));
  if (frame.type === "typing") setTimeout(changed, TYPING_MS);
  changed();
});

/** Who one is was settled: the chat begins, or begins anew. */
function enter(user) {
  kept.set("name", user.name);
  login.hide();
  document.getElementById("chat").hidden = false;
  connection.start();
}

/** Shows who one could be instead of the chat. */
function askWho(why, mode) {
  document.getElementById("chat").hidden = true;
  login.show(kept.get("name") ?? "", why, mode);
}

/** Ends the login, and asks who to be next. */
async function leaveServer(mode) {
  connection.stop();
  await accounts.logout().catch(() => {});
  kept.set("name", null);
  state.rooms.clear();
  uploads.clear();
  Object.assign(state, { me: null, current: null, log: null });
  // Nothing of it stays in the document.
  changed();
  askWho("", mode);
}

function live() {
  kept.set("name", state.me.name);
  outbox.owner = state.me.id;
  ask({ type: "rooms" });
  const wanted = state.current ?? (decodeURIComponent(location.hash.slice(1)) || state.server.default_room);
  // The last room of a page that was open before may be gone.
  join(wanted).then((joined) => joined || wanted === state.server.default_room || join(state.server.default_room));
  outbox.flush();
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
    if (error.code !== "offline" || !["rooms", "history", "read", "members"].includes(frame.type)) composer.note(error.message, true);
    return null;
  }
}

async function join(room) {
  const joined = await ask({ type: "join", room });
  if (joined) show(room);
  return joined;
}

function show(name) {
  closeSides();
  if (state.current !== name) {
    forget(state.rooms.get(state.current));
    state.current = name;
    const room = state.rooms.get(name);
    if (room?.unread > 0) Object.assign(room, { divider: Math.max(room.read, room.since), missed: { unread: room.unread, mentions: room.mentions } });
    history.replaceState(null, "", `#${name}`);
    if (room && !room.loaded) ask({ type: "join", room: name });
    composer.show(state);
    if (!matchMedia("(pointer: coarse)").matches) composer.focus();
  }
  changed();
}

/** What was unread in a room is so no more. */
function forget(room) {
  if (room) Object.assign(room, { divider: null, missed: { unread: 0, mentions: 0 }, named: null, seen: new Set() });
}

/** The room shown is one's no more: another is. */
function showNext() {
  const next = ordered(state)[0]?.name ?? null;
  state.current = null;
  if (next) show(next);
  else composer.show(state);
}

async function leave(name) {
  const kind = state.rooms.get(name)?.kind;
  if (!(await ask({ type: "leave", room: name }))) return;
  if (state.rooms.delete(name) && kind === "public") state.others.push(name);
  if (state.current === name) showNext();
  changed();
}

let drawing = false;
/** Draws what changed, once a frame. */
function changed() {
  if (drawing) return;
  drawing = true;
  const draw = () => {
    if (!drawing) return;
    drawing = false;
    rooms.render(state);
    people.render(state);
    timeline.render(state, outbox.of(state.current));
    jumps.render(state);
    composer.render(state);
    attachments.render(state.current);
    status.render();
    drawTyping();
    markRead();
  };
  requestAnimationFrame(draw);
  // A hidden page has no frames, and still a title to keep.
  setTimeout(draw, 250);
}

function drawTyping() {
  const room = state.rooms.get(state.current);
  const fresh = [...(room?.typing.values() ?? [])].filter((user) => Date.now() - user.since < TYPING_MS);
  const names = fresh.map((user) => user.name);
  const words = { 0: "", 1: `${names[0]} is typing…`, 2: `${names[0]} and ${names[1]} are typing…` };
  document.getElementById("typing").textContent = words[names.length] ?? `${names.length} people are typing…`;
}

const isReading = () => document.visibilityState === "visible" && document.hasFocus() && timeline.atEnd;

let readTimer = 0;
/** Sets the read mark once the newest message was looked at for a moment. */
function markRead() {
  const room = state.rooms.get(state.current);
  if (!room || room.head <= room.read || !room.loaded || room.apart || !isReading()) {
    clearTimeout(readTimer);
    readTimer = 0;
    return;
  }
  readTimer ||= setTimeout(() => {
    readTimer = 0;
    if (!isReading() || state.rooms.get(state.current) !== room || !connection.live) return;
    Object.assign(room, { read: room.head, unread: 0, mentions: 0 });
    ask({ type: "read", room: room.name, seq: room.head });
    changed();
  }, READ_AFTER_MS);
}
addEventListener("focus", () => changed());
// A mute ends by the clock.
setInterval(() => state.rooms.get(state.current)?.muted && changed(), 10_000);

function side(button, id) {
  const panel = document.getElementById(id);
  const toggle = (open) => {
    panel.classList.toggle("open", open);
    button.setAttribute("aria-expanded", String(open));
    if (open) panel.querySelector("button").focus();
  };
  button.addEventListener("click", () => toggle(!panel.classList.contains("open")));
  panel.querySelector("[data-close]").addEventListener("click", () => {
    toggle(false);
    button.focus();
  });
  return () => toggle(false);
}
const closers = [side(document.getElementById("open-rooms"), "rooms"), side(document.getElementById("open-people"), "people")];
const closeSides = () => closers.forEach((close) => close());

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") closeSides();
  if (!event.altKey || !["ArrowUp", "ArrowDown"].includes(event.key)) return;
  event.preventDefault();
  const names = ordered(state).map((room) => room.name);
  const at = names.indexOf(state.current) + (event.key === "ArrowDown" ? 1 : -1);
  if (names.length) show(names[(at + names.length) % names.length]);
});

if (kept.get("name")) {
  document.getElementById("chat").hidden = false;
  connection.start();
} else {
  login.show(new URLSearchParams(location.search).get("name") ?? "", "");
}
