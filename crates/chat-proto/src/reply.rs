//! What the server answers: exactly one reply to a command, in the order of the commands.

use serde::{Deserialize, Serialize};

use crate::error::{ErrorCode, Refusal};
use crate::event::{Event, User, entries, entries_if_any};
use crate::limits::Limits;
use crate::word::open_enum;
use crate::{Millis, Seq, Token, UserId};

/// A reply, as the frame's `type`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Reply {
    /// To `hello`.
    Welcome(Box<Welcome>),
    /// To `join`, `create` and `direct`. Without an `id` it tells that someone opened a direct room.
    Joined(Box<Joined>),
    /// Done.
    Ok(Done),
    /// To `history`.
    Messages {
        /// The room's name.
        room: String,
        /// Ascending by seq, each as it stands now.
        #[serde(deserialize_with = "entries")]
        messages: Vec<Event>,
        /// Whether there are more on the side that was asked for (for `around`: before the first).
        more: bool,
    },
    /// To `search`.
    Results {
        /// The newest first, each as it stands now.
        #[serde(deserialize_with = "entries")]
        messages: Vec<Found>,
        /// Whether there are more.
        more: bool,
    },
    /// To `rooms`.
    Rooms {
        /// The rooms that the user may see, by name.
        rooms: Vec<RoomSummary>,
        /// Whether there are more behind the last.
        #[serde(default)]
        more: bool,
    },
    /// To `members`.
    Members {
        /// The room's name.
        room: String,
        /// By name.
        members: Vec<Member>,
    },
    /// To `audit`.
    Audit {
        /// Newest first.
        entries: Vec<AuditEntry>,
    },
    /// To `sessions`.
    Sessions {
        /// The user's logins, the last used first.
        sessions: Vec<Login>,
    },
    /// To `ping`.
    Pong {
        /// The server's time.
        at: Millis,
    },
    /// The command was refused; nothing was done.
    Error(Failure),
}

/// Who one is, where one is, and which rooms one hears from now on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Welcome {
    /// The version of the contract.
    pub protocol: u32,
    /// Who one is.
    pub user: Me,
    /// With it the same user comes back; none where the session came by a cookie.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token: Option<Token>,
    /// The server.
    pub server: Server,
    /// The numbers a client should know.
    pub limits: Limits,
    /// The rooms the user has joined; the session hears them all from their `head` on.
    pub rooms: Vec<RoomSummary>,
}

/// The user of a session.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Me {
    /// The user's number.
    pub id: UserId,
    /// The name, which may differ from the one asked for: case and width are folded.
    pub name: String,
    /// What sort of user.
    pub kind: UserKind,
    /// What the user may do on the whole server.
    pub role: Role,
}

open_enum! {
    /// What sort of user.
    pub enum UserKind {
        /// Came by a name alone.
        Guest = "guest",
        /// Has a password.
        Account = "account",
        /// A program.
        Bot = "bot",
    }
}

open_enum! {
    /// A role, on the server (`admin`, `member`, `guest`) or in a room (`owner`, `moderator`, `member`). One that is
    /// not known grants nothing.
    #[expect(missing_docs, reason = "the names are the protocol's own words")]
    pub enum Role {
        Admin = "admin",
        Owner = "owner",
        Moderator = "moderator",
        Member = "member",
        Guest = "guest",
    }
}

/// The server as `welcome` names it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Server {
    /// Its name, for people.
    pub name: String,
    /// Its version.
    pub version: String,
    /// The room to join where nothing else was asked for.
    pub default_room: String,
    /// Changes when the database was restored or replaced.
    pub log: String,
    /// What it can do beyond the first version of the contract. A client uses only that.
    #[serde(default)]
    pub features: Vec<String>,
}

/// A room as a list shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoomSummary {
    /// The room's name.
    pub name: String,
    /// Who may enter.
    pub kind: RoomKind,
    /// The topic, possibly empty.
    pub topic: String,
    /// The newest seq; 0 where nothing has happened yet.
    pub head: Seq,
    /// How many have joined.
    pub members: u64,
    /// Whether the user has.
    pub joined: bool,
    /// The user's read mark.
    pub read: Seq,
    /// Messages by others after it, counted up to [`crate::limits::UNREAD`].
    pub unread: u64,
    /// Those of them that name the user.
    #[serde(default)]
    pub mentions: u64,
    /// What of it the user wants to be told of.
    #[serde(default)]
    pub notify: Notify,
    /// The user's own standing in it.
    #[serde(flatten)]
    pub mine: Mine,
}

open_enum! {
    /// What of a room a user wants to be told of, on all their devices.
    #[derive(Default)]
    pub enum Notify {
        /// Every message.
        #[default]
        All = "all",
        /// Those that name them.
        Mentions = "mentions",
        /// Nothing.
        None = "none",
    }
}

/// A message that was found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Found {
    /// The message.
    #[serde(flatten)]
    pub event: Event,
    /// The stretch of its text that fits, the words searched for between U+E000 and U+E001.
    #[serde(default)]
    pub snippet: String,
}

/// What the asker is in a room.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mine {
    /// The asker's role; none without membership.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<Role>,
    /// Where the asker may not write here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub muted: Option<Mute>,
    /// The other user of a direct room.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<User>,
}

/// That someone may not write, until when, and why.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mute {
    /// None: until it is lifted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Millis>,
    /// In the words of who did it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

impl Mute {
    /// Whether it still holds.
    #[must_use]
    pub fn holds(&self, now: Millis) -> bool {
        self.until.is_none_or(|until| until > now)
    }
}

open_enum! {
    /// Who may enter a room. Of a kind that is not known: nobody who is not in it.
    pub enum RoomKind {
        /// Everyone.
        Public = "public",
        /// Who was invited.
        Private = "private",
        /// Its two users.
        Direct = "direct",
    }
}

/// The room one has joined, and what has happened in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Joined {
    /// The room.
    pub room: JoinedRoom,
    /// Who is online in it; none above [`crate::limits::ONLINE_NAMES`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub online: Option<Vec<User>>,
    /// How many are online in it.
    pub online_count: usize,
    /// What happened after the seq asked for, up to `head`.
    #[serde(default, deserialize_with = "entries_if_any", skip_serializing_if = "Option::is_none")]
    pub events: Option<Vec<Event>>,
    /// The newest messages, where no seq was asked for or too much has happened since.
    #[serde(default, deserialize_with = "entries_if_any", skip_serializing_if = "Option::is_none")]
    pub messages: Option<Vec<Event>>,
}

/// A room as `joined` names it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct JoinedRoom {
    /// The room's name.
    pub name: String,
    /// Who may enter.
    pub kind: RoomKind,
    /// The topic, possibly empty.
    pub topic: String,
    /// The newest seq: live events follow from the next.
    pub head: Seq,
    /// The user's own standing in it.
    #[serde(flatten)]
    pub mine: Mine,
}

/// Done; where an event came of it, which.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Done {
    /// The event's room.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub room: Option<String>,
    /// The event's seq.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seq: Option<Seq>,
    /// The event's time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<Millis>,
}

/// A member of a room.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Member {
    /// Who.
    pub user: User,
    /// The role in this room.
    pub role: Role,
    /// Whether the user is an admin of the whole server.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub admin: bool,
    /// Whether a session of this user hears the room now.
    pub online: bool,
    /// Whether the member may not write.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub muted: bool,
    /// Until when; none: until it is lifted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub muted_until: Option<Millis>,
}

/// Something that a moderator or an admin did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditEntry {
    /// When.
    pub at: Millis,
    /// Who, by the name they had then; `operator` for the server's own command line.
    pub by: String,
    /// What, by the name of the command.
    pub action: String,
    /// To whom or what.
    pub target: String,
    /// Where; none: on the whole server.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub room: Option<String>,
    /// Why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// One of a user's stored credentials.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Login {
    /// Names it for `revoke`.
    pub id: String,
    /// The program that used it last.
    pub client: String,
    /// When it was made.
    pub created_at: Millis,
    /// When it was last used.
    pub seen_at: Millis,
    /// Whether it is the asker's.
    pub current: bool,
}

/// Why a command was refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// For programs.
    pub code: ErrorCode,
    /// A sentence a person can act on.
    pub message: String,
    /// With `rate_limited`: how long to wait.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_after_ms: Option<u64>,
    /// With `name_taken`: the name has a password, so who owns it can log in.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub registered: bool,
}

impl Failure {
    /// A failure with a sentence.
    pub fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), retry_after_ms: None, registered: false }
    }
}

impl From<Refusal> for Reply {
    fn from(refusal: Refusal) -> Self {
        Self::Error(Failure {
            code: refusal.code,
            message: refusal.message,
            retry_after_ms: refusal.retry_after_ms,
            registered: refusal.registered,
        })
    }
}
