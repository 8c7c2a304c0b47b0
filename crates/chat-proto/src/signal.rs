//! Signals: news that is only sent live. A signal is never stored and may be coalesced or dropped, so nothing
//! important may depend on one. `reset` and `goodbye` are never dropped, because they change what the events before
//! them mean.

use serde::{Deserialize, Serialize};

use crate::Seq;
use crate::room::RoomKind;
use crate::user::{Me, User};
use crate::word::open_enum;

/// A signal, as the frame's `type`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Signal {
    /// Someone is typing. Ends after [`crate::limits::TYPING_MS`] or with the user's next message.
    Typing {
        /// The room's name.
        room: String,
        /// Who is typing.
        user: User,
    },
    /// Who came online or went offline since the last such signal. At most one for each room in a second.
    Presence {
        /// The room's name.
        room: String,
        /// Users who came online.
        online: Vec<User>,
        /// Users who went offline.
        offline: Vec<User>,
        /// The number of users online. If it is above [`crate::limits::ONLINE_NAMES`], both lists are empty.
        online_count: usize,
    },
    /// Another device of the same user moved its read mark.
    Read {
        /// The room's name.
        room: String,
        /// The last seq that has been read.
        seq: Seq,
    },
    /// A message from the server to the person.
    Notice {
        /// The subject, for programs.
        code: String,
        /// A sentence for the person.
        text: String,
        /// The room it is about.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        room: Option<String>,
    },
    /// There is a new public room.
    Room {
        /// Its name.
        room: String,
        /// Who may join.
        kind: RoomKind,
        /// Its topic, possibly empty.
        topic: String,
        /// Its newest seq.
        head: Seq,
    },
    /// The kind or role of the session's user changed.
    You {
        /// The user as they are now.
        user: Me,
    },
    /// Too many events were missed, or the epoch is another one. The client loads `history` and continues from
    /// `head`.
    Reset {
        /// The room's name.
        room: String,
        /// The room's newest seq. Live events start with the next one.
        head: Seq,
    },
    /// The server closes the connection.
    Goodbye {
        /// The reason, for programs.
        code: GoodbyeCode,
        /// The reason, for the person.
        text: String,
        /// How long to wait before reconnecting. `None` if reconnecting is of no use.
        reconnect_after_ms: Option<u64>,
    },
}

open_enum! {
    /// Why the server closes a connection.
    pub enum GoodbyeCode {
        /// The server stops or restarts.
        Restart = "restart",
        /// The user is banned from the server.
        Banned = "banned",
        /// The user's login was ended.
        Revoked = "revoked",
        /// The client did not read fast enough. Nothing is lost: it gets the rest when it resumes.
        Slow = "slow",
        /// The client sent nothing for too long.
        Idle = "idle",
        /// The client violated the protocol.
        Protocol = "protocol",
    }
}
