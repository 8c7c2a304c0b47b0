// Validates the server's frames. An event of an unknown kind, or with unexpected fields, becomes one of type "newer", which
// keeps its position in the room and is shown as a line. No other module sees an invalid event.

/** @typedef {(value: unknown) => boolean} Check */
/** @typedef {Record<string, unknown>} Json */

/** Signals that have a room and a seq but are not events. Some are only sent by newer servers. */
const NO_EVENTS = ["read", "alert", "draft", "report", "status"];

/** @param {unknown} value @returns {value is Json} */
const isObject = (value) => typeof value === "object" && value !== null;
/** @param {unknown} value @returns {value is string} */
const isText = (value) => typeof value === "string";
/** @param {unknown} value @returns {value is number} */
const isSeq = (value) => Number.isSafeInteger(value) && Number(value) >= 0;
/** Within the range of a Date.
 * @param {unknown} value @returns {value is number} */
const isTime = (value) => typeof value === "number" && Math.abs(value) <= 8.64e15;
/** @param {unknown} value @returns {value is wire.User} */
const isUser = (value) => isObject(value) && isSeq(value.id) && isText(value.name);
/** @param {unknown} value */
const isMissing = (value) => value === undefined || value === null;
/** @param {Check} is @returns {Check} */
const maybe = (is) => (value) => isMissing(value) || is(value);
/** @param {Check} is @returns {Check} */
const list = (is) => (value) => Array.isArray(value) && value.every(is);
/** @type {Check} */
const isFile = (file) => isObject(file) && isText(file.id) && isText(file.name) && isText(file.url) && Number.isFinite(file.size);
/** @type {Check} */
const isReaction = (one) => isObject(one) && isText(one.emoji) && isSeq(one.count) && list(isText)(one.users);

/** @typedef {Record<string, Check>} Fields */
/** @type {Fields} */
const OF_MESSAGE = { target: isSeq };
/** @type {Fields} */
const REACTED = { target: isSeq, emoji: isText };
/** @type {Fields} */
const SAID = { html: maybe(isText), mentions: maybe(list(isText)) };

/** The known kinds of events, and the checks of their fields.

 * @type {Record<string, Fields>} */
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

/** Signals whose fields are used without further checks.

 * @type {Record<string, Fields>} */
const SIGNALS = { typing: { room: isText, user: isUser }, presence: { room: isText, online: list(isUser), offline: list(isUser) } };

/** @param {Json} frame @param {Fields} fields */
const fits = (frame, fields) => Object.entries(fields).every(([name, is]) => is(frame[name]));
/** Returns the checks of a type, or undefined, also for words such as `constructor`.
 * @param {Record<string, Fields>} known @param {string} type */
const fieldsOf = (known, type) => (Object.hasOwn(known, type) ? known[type] : undefined);

/** @typedef {Json & { type: string, room: string, seq: number }} AnyEvent */
/** @param {unknown} frame @returns {frame is AnyEvent} */
const isEvent = (frame) => isObject(frame) && isText(frame.type) && isText(frame.room) && isSeq(frame.seq);

/** Returns a frame as an event. `at` replaces a missing time.
 * @param {AnyEvent} frame @param {number} at @returns {wire.Event} */
function event(frame, at) {
  const fields = fieldsOf(KINDS, frame.type);
  if (fields && isTime(frame.at) && isUser(frame.by) && fits(frame, fields)) return checked(frame);
  const { type: kind, room, seq, at: time, by } = frame;
  return { type: "newer", kind, room, seq, at: isTime(time) ? time : at, by: isUser(by) ? by : { id: 0, name: "" } };
}

/** Returns the events of a page, without entries that are not events.
 * @param {unknown[]} events */
function page(events) {
  let at = 0;
  return events.filter(isEvent).map((frame) => {
    const one = event(frame, at);
    at = one.at;
    return one;
  });
}

/** Returns a frame in a form that the page can use, or null if it is of no use. `now` replaces a missing time.
 * @param {unknown} frame @param {number} now @returns {wire.ServerFrame | null} */
export function readable(frame, now) {
  if (!isObject(frame) || !isText(frame.type)) return null;
  const fields = fieldsOf(SIGNALS, frame.type);
  if (fields) return fits(frame, fields) ? checked(frame) : null;
  if (isMissing(frame.id) && isEvent(frame) && !NO_EVENTS.includes(frame.type)) return event(frame, now);
  /** @type {Json} */
  const copy = { ...frame };
  for (const name of ["messages", "events"]) if (Array.isArray(frame[name])) copy[name] = page(/** @type {unknown[]} */ (frame[name]));
  return checked(copy);
}

/** The only place where a received frame gets a type. Fields that are not checked above are assumed to be as the protocol
 * says.
 * @template {wire.ServerFrame} T @param {unknown} frame @returns {T} */
const checked = (frame) => /** @type {T} */ (frame);
