// What a frame leads to beside what it changes in the state. Each of these stands for itself: one that fails stops no other.

import { attract, speak } from "./attention.js";
import { TYPING_MS } from "./wire.js";
import { toldMe } from "./words.js";

/** Answers functions that take a frame and what the state wants done about it. */
export function followers(page) {
  const { state, outbox, composer, connection, navigation, session, lister, changed } = page;
  let room = null;
  return {
    /** Before the state takes it: a room may be gone afterwards. */
    before: (frame) => (room = frame.type === "member" ? (state.rooms.get(frame.room) ?? null) : null),
    after: [
      (frame, wanted) => wanted === "resume" && connection.resume(),
      (frame, wanted) => wanted === "load" && frame.room === state.current && navigation.join(frame.room, false),
      (frame) => frame.type === "message" && frame.by.id === state.me?.id && frame.nonce && outbox.remove(frame.nonce),
      (frame, wanted) => wanted === "gone" && frame.room === state.current && navigation.showNext(),
      (frame, wanted) => ["told", "gone"].includes(wanted) && composer.note(toldMe(frame, room) ?? "", ["muted", "kicked", "banned"].includes(frame.change)),
      (frame) => frame.type === "notice" && composer.note(`${frame.text}${frame.room ? ` /join ${frame.room}` : ""}`),
      (frame) => frame.type === "error" && frame.id == null && frame.code === "banned" && session.askWho(frame.message),
      (frame) => frame.type === "goodbye" && frame.code === "revoked" && session.askWho(frame.text),
      (frame) => frame.type === "joined" && frame.id == null && composer.note(`${frame.room.user?.name} wants to talk to you alone.`),
      (frame) => frame.type === "typing" && setTimeout(changed, TYPING_MS),
      (frame) => frame.type === "message" && speak(state, frame),
      (frame) => frame.type === "message" && attract(state, frame, (name) => navigation.show(name)),
      (frame) => lister.follow(frame),
      () => changed(),
    ],
  };
}
