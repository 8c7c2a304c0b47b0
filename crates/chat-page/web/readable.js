// What a newer server says, made readable: an event of a kind that is not known here, or whose fields are odd, becomes
// one of type "newer", which keeps its place in the room and is told in a line. Nothing behind this meets an odd event.

/** Frames that are no events, although they name a message by its room and seq. */
const NO_EVENTS = ["read", "alert", "draft", "report", "status"];

const isText = (value) => typeof value === "string";
const isSeq = (value) => Number.isSafeInteger(value) && value >= 0;
/** Within what a Date can be. */
const isTime = (value) => Number.isFinite(value) && Math.abs(value) <= 8.64e15;
const isUser = (value) => isSeq(value?.id) && isText(value.name);
const isMissing = (value) => value === undefined || value === null;
const maybe = (is) => (value) => isMissing(value) || is(value);
const list = (is) => (value) => Array.isArray(value) && value.every(is);
const isFile = (file) => isText(file?.id) && isText(file.name) && isText(file.url) && Number.isFinite(file.size);
const isReaction = (one) => isText(one?.emoji) && isSeq(one.count) && list(isText)(one.users);

const OF_MESSAGE = { target: isSeq };
const REACTED = { target: isSeq, emoji: isText };
const SAID = { html: maybe(isText), mentions: maybe(list(isText)) };

/** The kinds of events known here, and what their fields must be. */
const KINDS = {
  message: { ...SAID, text: maybe(isText), nonce: maybe(isText), reply_to: maybe(isSeq), files: maybe(list(isFile)), reactions: maybe(list(isReaction)) },
  topic: { topic: isText },
  member: { user: isUser, change: isText, reason: maybe(isText), until: maybe(isTime), role: maybe(isText) },
  edited: { ...SAID, target: isSeq, text: isText },
  deleted: OF_MESSAGE,
  reacted: REACTED,
  unreacted: REACTED,
  pinned: OF_MESSAGE,
  unpinned: OF_MESSAGE,
};

/** Signals whose fields are used without a further look. */
const SIGNALS = { typing: { room: isText, user: isUser }, presence: { room: isText, online: list(isUser), offline: list(isUser) } };

const fits = (frame, fields) => Object.entries(fields).every(([name, is]) => is(frame[name]));
const isEvent = (frame) => isText(frame?.type) && isText(frame.room) && isSeq(frame.seq);

/** An event as it can be used; `at` stands in for a time that is missing. */
function event(frame, at) {
  const isWhole = isTime(frame.at) && isUser(frame.by);
  if (Object.hasOwn(KINDS, frame.type) && isWhole && fits(frame, KINDS[frame.type])) return frame;
  const by = isUser(frame.by) ? frame.by : { id: 0, name: "" };
  return { type: "newer", kind: frame.type, room: frame.room, seq: frame.seq, at: isTime(frame.at) ? frame.at : at, by };
}

/** A page of events, without entries that are none. */
function page(events) {
  let at = 0;
  return events.filter(isEvent).map((frame) => {
    const one = event(frame, at);
    at = one.at;
    return one;
  });
}

/** A frame as it can be used, or null where nothing can be done with it. */
export function readable(frame) {
  if (!isText(frame?.type)) return null;
  if (Object.hasOwn(SIGNALS, frame.type)) return fits(frame, SIGNALS[frame.type]) ? frame : null;
  if (isMissing(frame.id) && isEvent(frame) && !NO_EVENTS.includes(frame.type)) return event(frame, Date.now());
  const pages = ["messages", "events"].filter((name) => Array.isArray(frame[name]));
  return pages.length ? { ...frame, ...Object.fromEntries(pages.map((name) => [name, page(frame[name])])) } : frame;
}
