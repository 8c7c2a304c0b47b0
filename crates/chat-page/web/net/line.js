// One socket, from its hello to its end. It carries commands and their replies, and does not know what frames mean.

import { isTemporary } from "../model/wire.js";
import { checkPulse } from "./pulse.js";
import { Questions } from "./questions.js";

/** How long a message may have no reply before the person is told, in milliseconds. */
const UNANSWERED_MS = 7000;
/** How long to wait before a hello is repeated if the server does not say, in milliseconds. */
const HELLO_AGAIN_MS = 500;

/** What a line needs.
 * @typedef {object} Ends
 * @property {() => wire.Hello} hello makes the first frame
 * @property {(said: unknown) => wire.ServerFrame | null} read makes a frame of what the server says; null if it is none
 * @property {import("../model/pace.js").Pace} pace learns how fast replies come
 * @property {(frame: wire.ServerFrame) => void} frame
 * @property {(why: wire.Failure) => void} refused hears that the hello was refused
 * @property {(since: number | null) => void} unanswered hears when a message was sent that has no reply; null: none is late
 * @property {() => void} live hears that the server has said welcome
 * @property {() => void} lost hears once that the socket has closed
 */

export class Line {
  #socket;
  #ends;
  #questions = new Questions();
  #isOver = false;
  #heardAt = 0;
  /** The id of the message that has had no reply for long, or 0 if there is none. */
  #late = 0;

  /** Whether the server has said welcome. */
  live = false;
  /** Whether the socket ever opened. */
  opened = false;
  /** Why the server closes the socket, if it said so.
   * @type {wire.Goodbye | null} */
  goodbye = null;

  /** @param {string} url @param {Ends} ends */
  constructor(url, ends) {
    this.#ends = ends;
    this.#socket = new WebSocket(url);
    this.#socket.onopen = () => {
      this.opened = true;
      this.#sayHello();
    };
    this.#socket.onmessage = ({ data }) => {
      this.#heardAt = Date.now();
      const said = JSON.parse(data);
      const asked = this.#questions.pageSince(said?.id);
      if (asked !== undefined) ends.pace.answered(data.length, said.messages?.length ?? 0, Date.now() - asked);
      const frame = ends.read(said);
      if (frame) this.#hear(frame);
    };
    this.#socket.onclose = () => this.#end();
  }

  /** Sends a command. Returns its reply, or throws a `wire.Problem`.
   * @template {wire.Command} C @param {C} command @returns {Promise<wire.ReplyTo<C>>} */
  async ask(command) {
    const { id, reply } = this.#questions.add(command);
    if (command.type === "send") setTimeout(() => this.#questions.since(id) && this.#isLate(id), UNANSWERED_MS);
    this.#socket.send(JSON.stringify({ ...command, id }));
    // The protocol has one kind of reply to each command.
    return /** @type {wire.ReplyTo<C>} */ (await reply);
  }

  /** Sends a command that needs no reply.
   * @param {wire.Command} command */
  tell(command) {
    this.#socket.send(JSON.stringify(command));
  }

  close() {
    this.#socket.close();
  }

  /** Checks whether the line is alive, and ends it if not. */
  check() {
    if (!this.live) return;
    checkPulse({
      ping: () => this.ask({ type: "ping" }),
      isOpen: () => !this.#isOver,
      unsent: () => this.#socket.bufferedAmount,
      heardAt: () => this.#heardAt,
      isPageDue: () => this.#questions.isPageDue,
      end: () => {
        this.#socket.close();
        this.#end();
      },
    });
  }

  #sayHello() {
    // The outcome arrives as a frame.
    this.ask(this.#ends.hello()).catch(() => {});
  }

  /** @param {wire.ServerFrame} frame */
  #hear(frame) {
    const question = this.#questions.take(frame.id);
    if (question && frame.id === this.#late) this.#setLate(0);
    if (frame.type === "welcome") this.live = true;
    if (frame.type === "goodbye") this.goodbye = frame;
    if (question?.type !== "hello" || frame.type !== "error") this.#ends.frame(frame);
    else if (isTemporary(frame.code)) setTimeout(() => this.#isOver || this.#sayHello(), frame.retry_after_ms ?? HELLO_AGAIN_MS);
    else this.#ends.refused(frame);
    if (frame.type === "error") question?.reject(frame);
    else question?.resolve(frame);
    if (frame.type === "welcome") this.#ends.live();
  }

  #end() {
    if (this.#isOver) return;
    this.#isOver = true;
    this.live = false;
    this.#setLate(0);
    if (this.#questions.isPageDue) this.#ends.pace.broke();
    this.#questions.fail({ code: "offline", message: "The connection broke." });
    this.#ends.lost();
  }

  /** Handles a message that has had no reply for long: tells the person, and sends a ping to find out whether the line is dead.
   * @param {number} id */
  #isLate(id) {
    this.#setLate(id);
    this.check();
  }

  /** @param {number} id */
  #setLate(id) {
    if (this.#late === id) return;
    this.#late = id;
    this.#ends.unanswered(this.#questions.since(id) ?? null);
  }
}
