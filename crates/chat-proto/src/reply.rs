//! The server's replies: exactly one to each command, in the order of the commands.

use serde::{Deserialize, Serialize};

use crate::error::{ErrorCode, Refusal};
use crate::event::{Event, entries, entries_if_any};
use crate::limits::Limits;
use crate::room::{JoinedRoom, Member, RoomSummary};
use crate::user::{Me, User};
use crate::{Millis, Seq, Token};

/// A reply, as the frame's `type`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Reply {
    /// To `hello`.
    Welcome(Box<Welcome>),
    /// To `join`, `create` and `direct`. Without an `id` it says that someone else opened a direct room with this
    /// user.
    Joined(Box<Joined>),
    /// The command was carried out.
    Ok(Done),
    /// To `history`.
    Messages {
        /// The room's name.
        room: String,
        /// The messages as they are now, ascending by seq.
        #[serde(deserialize_with = "entries")]
        messages: Vec<Event>,
        /// Whether there are more in the direction that was asked for (with `around`: before the first).
        more: bool,
    },
    /// To `search`.
    Results {
        /// The messages as they are now, the newest first.
        #[serde(deserialize_with = "entries")]
        messages: Vec<Found>,
        /// Whether there are more.
        more: bool,
    },
    /// To `rooms`.
    Rooms {
        /// The rooms that the user may see, by name.
        rooms: Vec<RoomSummary>,
        /// Whether there are more after the last.
        #[serde(default)]
        more: bool,
    },
    /// To `members`.
    Members {
        /// The room's name.
        room: String,
        /// The members, by name.
        members: Vec<Member>,
    },
    /// To `audit`.
    Audit {
        /// The entries, the newest first.
        entries: Vec<AuditEntry>,
    },
    /// To `sessions`.
    Sessions {
        /// The user's logins, the most recently used first.
        sessions: Vec<Login>,
    },
    /// To `ping`.
    Pong {
        /// The server's time.
        at: Millis,
    },
    /// The command was refused, and nothing was done.
    Error(Failure),
}

/// Who the user is, and which rooms the session is subscribed to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Welcome {
    /// The protocol version.
    pub protocol: u32,
    /// The user of the session.
    pub user: Me,
    /// The token that authenticates this user next time. `None` if the session was authenticated by a cookie.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token: Option<Token>,
    /// The server.
    pub server: Server,
    /// The limits that a client should know.
    pub limits: Limits,
    /// The rooms that the user has joined. The session is subscribed to each of them from its `head`.
    pub rooms: Vec<RoomSummary>,
}

/// The server as described in `welcome`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Server {
    /// The display name.
    pub name: String,
    /// The server's version.
    pub version: String,
    /// The room to join if the user asked for no other.
    pub default_room: String,
    /// The epoch: it changes when the database was restored or replaced.
    pub log: String,
    /// Optional features beyond the first version of the protocol. A client uses only features in this list.
    #[serde(default)]
    pub features: Vec<String>,
}

/// A message that a search found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Found {
    /// The message.
    #[serde(flatten)]
    pub event: Event,
    /// The part of the text that matches, with the matching words between U+E000 and U+E001.
    #[serde(default)]
    pub snippet: String,
}

/// A room that the user joined, and what happened in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Joined {
    /// The room.
    pub room: JoinedRoom,
    /// The users online in the room. `None` if there are more than [`crate::limits::ONLINE_NAMES`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub online: Option<Vec<User>>,
    /// The number of users online in the room.
    pub online_count: usize,
    /// The events after the seq that was asked for, up to `head`.
    #[serde(default, deserialize_with = "entries_if_any", skip_serializing_if = "Option::is_none")]
    pub events: Option<Vec<Event>>,
    /// The newest messages, if no seq was asked for or too much happened since.
    #[serde(default, deserialize_with = "entries_if_any", skip_serializing_if = "Option::is_none")]
    pub messages: Option<Vec<Event>>,
}

/// The command was carried out. If that made an event, the fields say which.
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

/// An action by a moderator or admin.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditEntry {
    /// When it happened.
    pub at: Millis,
    /// The actor's name at that time, or `operator` for the server's command line.
    pub by: String,
    /// The name of the command.
    pub action: String,
    /// The user or thing that it was done to.
    pub target: String,
    /// The room. `None` means the whole server.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub room: Option<String>,
    /// The reason, if one was given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// One of a user's stored credentials.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Login {
    /// The id, for `revoke`.
    pub id: String,
    /// The program that used it last.
    pub client: String,
    /// When the login was created.
    pub created_at: Millis,
    /// When the login was last used.
    pub seen_at: Millis,
    /// Whether this session uses this login.
    pub current: bool,
}

/// Why a command was refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// The code, for programs.
    pub code: ErrorCode,
    /// A sentence that a person can act on.
    pub message: String,
    /// With `rate_limited`: how long to wait before retrying.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_after_ms: Option<u64>,
    /// With `name_taken`: whether the name belongs to an account, whose owner can log in.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub registered: bool,
}

impl Failure {
    /// Creates a failure with a sentence.
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
