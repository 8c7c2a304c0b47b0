/** The page's state (`State`, `Room`), and what it shows of a room (`RoomView`). */
declare namespace page {
  interface State {
    me: wire.Me | null;
    server: wire.Server | null;
    limits: wire.Limits | null;
    /** The epoch that the cursors belong to. */
    log: string | null;
    /** The joined rooms. */
    rooms: Map<string, Room>;
    /** The names of rooms that the person could join. */
    others: string[];
    /** Whether only the server knows some room's numbers, so that they must be requested. */
    isUncounted: boolean;
  }

  /** A line of a room: an event that is shown. `version` grows when the line must be drawn again. */
  type Item = (wire.Message | wire.Topic | wire.MemberChange | wire.Pinned | wire.Newer) & { version?: number };

  interface Numbers { unread: number; mentions: number }

  interface Room extends Numbers {
    name: string;
    kind: wire.RoomKind;
    role: wire.Role | null;
    muted: wire.Mute | null;
    /** The other user of a direct room. */
    user: wire.User | null;
    topic: string;
    notify: wire.Notify;

    /** The newest seq in the log. */
    head: wire.Seq;
    /** The last seq that was received. Null if nothing was. */
    cursor: wire.Seq | null;
    /** The held lines, by seq. */
    items: Item[];
    /** Whether `items` was loaded at all. */
    loaded: boolean;
    /** Whether there are older lines than the held ones. */
    more: boolean;
    /** Whether `items` is a stretch around an earlier message that does not reach to the newest. */
    detached: boolean;

    /** The read mark that the server has or is being sent. */
    read: wire.Seq;
    /** The last message that the person saw arrive, if it is after the mark. Otherwise 0. */
    seenLive: wire.Seq;
    /** Whether another device marked the room as unread. It stays so until the person does something here. */
    keptUnread: boolean;
    /** How many read marks are being sent to the server. */
    marking: number;
    tally: Tally;

    online: Map<number, wire.User>;
    onlineCount: number;
    typing: Map<number, wire.User & { since: number }>;
  }

  /** The server's numbers for the mark `read` as of `head`, and the messages after that head. */
  interface Tally extends Numbers {
    read: wire.Seq;
    head: wire.Seq;
    /** Unread messages after `head`, and whether each mentions the person. */
    later: Map<wire.Seq, boolean>;
    changes: { seq: wire.Seq; target: wire.Seq }[];
    /** Whether the numbers are outdated. */
    isStale: boolean;
  }

  /** What the page shows of one room. */
  interface RoomView {
    /** The last seq before the line "New"; null if there is no line. */
    divider: wire.Seq | null;
    /** What was unread when the room was opened and has not been visible since. */
    missed: Numbers;
    /** The mentions that have been visible. */
    seenMentions: Set<wire.Seq>;
    /** The mention that the person jumped to last. */
    mentionAt: wire.Seq | null;
    /** The message to scroll to at the next drawing. */
    target: wire.Seq | null;
    draft: string;
  }

  /** A message that is not acknowledged. */
  interface Entry {
    nonce: string;
    room: string;
    text: string;
    reply_to?: wire.Seq;
    files?: wire.File[];
    /** The author's id. */
    by?: number | null;
    /** Why the server refused it. */
    failed?: string;
  }

  /** A file that is being uploaded, or is uploaded. */
  interface Upload {
    room: string;
    name: string;
    size: number;
    /** Bytes sent. */
    loaded: number;
    source: File | null;
    error: string | null;
    /** The server's description, once it is uploaded. */
    file: wire.File | null;
    request: XMLHttpRequest | null;
    /** Whether the connection broke during the upload. */
    isBroken?: boolean;
    /** Whether it was already retried after a break. */
    isTwice?: boolean;
  }

  /** The reply or edit that a message is. */
  type About = { reply: wire.Message; edit?: undefined } | { edit: wire.Message; reply?: undefined };

  /** What must be done about a frame after it was applied: see `apply` in `model/state.js`. */
  type Outcome = "resume" | "load" | "gone" | "told" | "switched" | null;

  /** The state of the connection. `retryAt` is null if there will be no retry. */
  type Status =
    | { status: "connecting" }
    | { status: "live" }
    | { status: "offline"; reason: string; retryAt: number | null };

  /** Sends a command. Returns the reply, or null if it failed, of which the person was told. */
  type Ask = <C extends wire.Command>(frame: C) => Promise<wire.ReplyTo<C> | null>;

  /** An entry of a menu. */
  type Choice = [label: string, act: () => unknown];
}
