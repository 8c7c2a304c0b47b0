// Fixtures for the tests.

import { webcrypto } from "node:crypto";

import { Shown } from "../../web/model/shown.js";
import { apply, createState } from "../../web/model/state.js";

// Node 18 does not have this global, unlike browsers.
globalThis.crypto ??= webcrypto;

export const alice = { id: 1, name: "alice", kind: "account", role: "member" };
export const bob = { id: 2, name: "bob" };
export const carol = { id: 3, name: "carol" };

export const message = (seq, more = {}) => ({ type: "message", room: "dev", seq, at: 1_795_412_100_000 + seq, by: bob, text: `text ${seq}`, ...more });
export const messages = (from, to) => Array.from({ length: to - from + 1 }, (_, at) => message(from + at));
export const event = (type, seq, more = {}) => ({ type, room: "dev", seq, at: 1_795_412_100_000 + seq, by: bob, ...more });
export const summary = (name, more = {}) => ({ name, kind: "public", topic: "", head: 0, members: 2, joined: true, read: 0, unread: 0, mentions: 0, notify: "all", ...more });
export const welcome = (rooms, more = {}) => ({ type: "welcome", id: 1, protocol: 1, user: alice, server: { name: "chat", version: "1", default_room: "general", log: "a" }, limits: {}, rooms, ...more });
export const joined = (items, more = {}) => ({ type: "joined", id: 2, room: { name: "dev", kind: "public", topic: "", head: items.at(-1)?.seq ?? 0 }, online: [], online_count: 0, messages: items, ...more });

/** Applies frames one after another, and returns the outcome of the last. */
export function take(state, frames, at = {}) {
  let outcome = null;
  for (const frame of frames) outcome = apply(state, frame, { now: 1000, shown: null, reading: false, ...at });
  return outcome;
}

/** A state in which alice is in #dev, whose log ends at `head` and whose messages from `from` on are held. */
export function inDev({ from, head, ...more }) {
  const state = createState();
  take(state, [welcome([summary("dev", { head, read: head, ...more })]), joined(messages(from, head))]);
  return { state, room: state.rooms.get("dev") };
}

/** Like `inDev`, with #dev on the screen. */
export function showsDev(given) {
  const { state, room } = inDev(given);
  const shown = new Shown(state);
  shown.open("dev");
  return { state, room, shown, view: shown.of(room) };
}

/** A server that answers each command with the next of these, and remembers the commands. */
export function answering(...answers) {
  const asked = [];
  const ask = async (frame) => {
    asked.push(frame);
    return answers.shift() ?? null;
  };
  return { ask, asked };
}

/** The line below the composer. */
export function listening() {
  const told = [];
  return { told, notes: { tell: (text) => told.push(text), complain: (text) => told.push(`! ${text}`) } };
}

/** The browser's storage, with space for `most` characters. */
export function useStorage(most = Infinity) {
  const kept = new Map();
  globalThis.localStorage = {
    getItem: (key) => kept.get(key) ?? null,
    setItem(key, value) {
      if (value.length > most) throw new Error("full");
      kept.set(key, value);
    },
    removeItem: (key) => kept.delete(key),
  };
  return kept;
}

/** Lets everything continue that only waits for an answer. */
const wait = setTimeout;
export const settled = () => new Promise((resolve) => wait(resolve, 10));
