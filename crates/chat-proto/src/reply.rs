//! What the server answers: exactly one reply to a command, in the order of the commands.

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
