/**
 * The frames of the protocol, as chat-proto has them. A test checks every example of docs/PROTOCOL.md against these
 * declarations.
 */
declare namespace wire {
  /** A position in a room's log. */
  type Seq = number;
  /** Unix time in milliseconds. */
  type Millis = number;
  /** A word of a set that newer servers may extend. */
  type Open<Known extends string> = Known | (string & {});

  type Role = Open<"admin" | "owner" | "moderator" | "member" | "guest">;
  type RoomKind = Open<"public" | "private" | "direct">;
  type Notify = Open<"all" | "mentions" | "none">;
  type Change = Open<"joined" | "left" | "invited" | "kicked" | "banned" | "unbanned" | "muted" | "unmuted" | "role">;
  type ErrorCode = Open<
    | "bad_request" | "unknown_type" | "unsupported_protocol" | "hello_first" | "unauthorized" | "name_taken" | "name_invalid"
    | "forbidden" | "muted" | "banned" | "not_joined" | "no_such_room" | "no_such_user" | "no_such_message" | "no_such_file"
    | "room_exists" | "nonce_reused" | "too_long" | "empty" | "rate_limited" | "unavailable" | "internal"
  >;

  interface User {
    id: number;
    name: string;
  }

  interface Me extends User {
    kind: Open<"guest" | "account" | "bot">;
    role: Role;
  }

  // Commands

  interface Hello {
    type: "hello";
    protocol: number;
    name?: string;
    token?: string;
    client?: string;
    format?: "text" | "html";
    resume?: Record<string, Seq>;
    log?: string;
  }
  interface Join { type: "join"; room: string; after?: Seq; limit?: number }
  interface Send { type: "send"; room: string; nonce: string; text: string; reply_to?: Seq; files?: string[] }
  interface Edit { type: "edit"; room: string; seq: Seq; text: string }
  interface OfMessage { type: "delete" | "pin" | "unpin"; room: string; seq: Seq }
  interface React { type: "react" | "unreact"; room: string; seq: Seq; emoji: string }
  interface Search { type: "search"; query: string; room?: string; from?: string; before?: Millis; limit?: number }
  interface SetNotify { type: "notify"; room: string; level: Notify }
  interface History { type: "history"; room: string; before?: Seq; after?: Seq; around?: Seq; limit?: number }
  interface ListRooms { type: "rooms"; after?: string }
  interface Create { type: "create"; room: string; kind?: "public" | "private"; topic?: string }
  interface SetTopic { type: "topic"; room: string; topic: string }
  interface InRoom { type: "leave" | "typing"; room: string }
  interface Read { type: "read"; room: string; seq: Seq }
  interface ListMembers { type: "members"; room: string; prefix?: string; limit?: number }
  interface Direct { type: "direct"; user: string }
  interface Moderate {
    type: "invite" | "kick" | "mute" | "unmute" | "ban" | "unban";
    user?: string;
    /** If absent, the whole server. */
    room?: string;
    reason?: string;
    for_ms?: number;
    address?: string;
  }
  interface SetRole { type: "role"; user: string; room?: string; role: Role }
  interface ReadAudit { type: "audit"; limit?: number; before?: Millis }
  interface ListSessions { type: "sessions" }
  interface Revoke { type: "revoke"; session: string }
  interface Ping { type: "ping" }

  type Command =
    | Hello | Join | Send | Edit | OfMessage | React | Search | SetNotify | History | ListRooms | Create | SetTopic | InRoom | Read
    | ListMembers | Direct | Moderate | SetRole | ReadAudit | ListSessions | Revoke | Ping;

  type ClientFrame = Command & { id?: number };

  // Replies

  interface Limits {
    text_bytes: number;
    name_chars: number;
    room_name_bytes: number;
    topic_bytes: number;
    nonce_bytes: number;
    password_min_bytes: number;
    password_bytes: number;
    reason_bytes: number;
    frame_bytes: number;
    page: number;
    replay: number;
    unread: number;
    typing_ms: number;
    file_bytes?: number;
    files?: number;
  }

  interface Server {
    name: string;
    version: string;
    default_room: string;
    log: string;
    features?: string[];
  }

  interface Mute { until?: Millis; reason?: string }

  /** The user's own role and mute in a room. */
  interface Mine { role?: Role; muted?: Mute; user?: User }

  interface RoomSummary extends Mine {
    name: string;
    kind: RoomKind;
    topic: string;
    head: Seq;
    members: number;
    joined: boolean;
    read: Seq;
    unread: number;
    mentions: number;
    notify: Notify;
  }

  interface JoinedRoom extends Mine {
    name: string;
    kind: RoomKind;
    topic: string;
    head: Seq;
  }

  /** The `id` of the command that a frame answers. */
  type Id = { id?: number | null };

  interface Welcome extends Id {
    type: "welcome";
    protocol: number;
    user: Me;
    token?: string;
    server: Server;
    limits: Limits;
    rooms: RoomSummary[];
  }
  interface Joined extends Id {
    type: "joined";
    room: JoinedRoom;
    online?: User[];
    online_count: number;
    events?: Event[];
    messages?: Event[];
  }
  interface Ok extends Id { type: "ok"; room?: string; seq?: Seq; at?: Millis }
  interface Messages extends Id { type: "messages"; room: string; messages: Event[]; more: boolean }
  interface Results extends Id { type: "results"; messages: Found[]; more: boolean }
  interface Rooms extends Id { type: "rooms"; rooms: RoomSummary[]; more?: boolean }
  interface Members extends Id { type: "members"; room: string; members: Member[] }
  interface Audit extends Id { type: "audit"; entries: AuditEntry[] }
  interface Sessions extends Id { type: "sessions"; sessions: Login[] }
  interface Pong extends Id { type: "pong"; at: Millis }
  interface Failure extends Id { type: "error"; code: ErrorCode; message: string; retry_after_ms?: number; registered?: boolean }

  interface Member {
    user: User;
    role: Role;
    admin?: boolean;
    online: boolean;
    muted?: boolean;
    muted_until?: Millis;
  }
  interface AuditEntry { at: Millis; by: string; action: string; target: string; room?: string; reason?: string }
  interface Login { id: string; client: string; created_at: Millis; seen_at: Millis; current: boolean }

  /** The reply to each command whose reply is not `ok`. */
  interface Replies {
    hello: Welcome;
    join: Joined;
    create: Joined;
    direct: Joined;
    history: Messages;
    search: Results;
    rooms: Rooms;
    members: Members;
    audit: Audit;
    sessions: Sessions;
    ping: Pong;
  }
  type ReplyTo<C extends Command> = C["type"] extends keyof Replies ? Replies[C["type"]] : Ok;

  // Events

  /** The fields of every event. */
  interface InLog extends Id {
    room: string;
    seq: Seq;
    at: Millis;
    by: User;
  }
  interface File {
    id: string;
    name: string;
    size: number;
    media_type: string;
    url: string;
    width?: number;
    height?: number;
    thumb?: string;
  }
  interface Reaction { emoji: string; count: number; users: string[] }

  interface Message extends InLog {
    type: "message";
    text?: string;
    html?: string;
    mentions?: string[];
    reply_to?: Seq;
    files?: File[];
    nonce?: string;
    edited_at?: Millis;
    deleted?: boolean;
    pinned?: boolean;
    reactions?: Reaction[];
  }
  interface Topic extends InLog { type: "topic"; topic: string }
  interface MemberChange extends InLog {
    type: "member";
    user: User;
    change: Change;
    reason?: string;
    until?: Millis;
    role?: Role;
    everywhere?: boolean;
  }
  interface Edited extends InLog { type: "edited"; target: Seq; text: string; html?: string; mentions?: string[] }
  interface Deleted extends InLog { type: "deleted"; target: Seq }
  interface Reacted extends InLog { type: "reacted" | "unreacted"; target: Seq; emoji: string }
  interface Pinned extends InLog { type: "pinned" | "unpinned"; target: Seq }
  /** An event of a kind that this page does not know. `readable.js` makes it; it is not sent. */
  interface Newer extends InLog { type: "newer"; kind: string }

  /** An event that alters an earlier message, its `target`. */
  type OnMessage = Edited | Deleted | Reacted | Pinned;
  type Event = Message | Topic | MemberChange | OnMessage | Newer;
  type Found = Message & { snippet?: string };

  // Signals

  interface Typing extends Id { type: "typing"; room: string; user: User }
  interface Presence extends Id { type: "presence"; room: string; online: User[]; offline: User[]; online_count: number }
  interface ReadMark extends Id { type: "read"; room: string; seq: Seq }
  interface Notice extends Id { type: "notice"; code: string; text: string; room?: string }
  interface NewRoom extends Id { type: "room"; room: string; kind: RoomKind; topic: string; head: Seq }
  interface You extends Id { type: "you"; user: Me }
  interface Reset extends Id { type: "reset"; room: string; head: Seq }
  interface Goodbye extends Id {
    type: "goodbye";
    code: Open<"restart" | "banned" | "revoked" | "slow" | "idle" | "protocol">;
    text: string;
    /** `null` if reconnecting is of no use. */
    reconnect_after_ms: number | null;
  }

  type ServerFrame =
    | Welcome | Joined | Ok | Messages | Results | Rooms | Members | Audit | Sessions | Pong | Failure
    | Event
    | Typing | Presence | ReadMark | Notice | NewRoom | You | Reset | Goodbye;

  // HTTP

  /** Why a request or a command failed. `offline` if there was no response. */
  interface Problem {
    code: Open<"offline"> | ErrorCode;
    message: string;
    retry_after_ms?: number;
  }
  interface LoggedIn { token?: string; user: Me }
  interface ServerInfo { name: string; version?: string; guests: boolean; registration: Open<"open" | "invite" | "closed"> }
}
