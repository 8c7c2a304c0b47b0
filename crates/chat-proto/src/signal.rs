//! Live-only news. A signal is never stored, may be coalesced or dropped, and nothing that
//! matters rides on one. `reset` and `goodbye` are not dropped: they end what came before them.

use serde::{Deserialize, Serialize};

use crate::Seq;
use crate::room::RoomKind;
use crate::user::{Me, User};
use crate::word::open_enum;

/// A signal, as the frame's `type`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Signal {
    /// Someone is writing; fades after [`crate::limits::TYPING_MS`] or at the user's next message.
    Typing {
        /// Where.
        room: String,
        /// Who.
        user: User,
    },
    /// Who came and went since the last one; at most one a room a second.
    Presence {
        /// Where.
        room: String,
        /// Who is online now and was not.
        online: Vec<User>,
        /// Who was online and is not.
        offline: Vec<User>,
        /// How many are online. Above [`crate::limits::ONLINE_NAMES`] both lists are empty.
        online_count: usize,
    },
    /// Another device of the same user moved its read mark.
    Read {
        /// Where.
        room: String,
        /// Everything up to it has been read.
        seq: Seq,
    },
    /// Something to tell the person.
    Notice {
        /// What it is about, for programs.
        code: String,
        /// A sentence for the person.
        text: String,
        /// The room it is about.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        room: Option<String>,
    },
    /// There is a new room, which everyone may join.
    Room {
        /// Its name.
        room: String,
        /// Who may enter.
        kind: RoomKind,
        /// Its topic, possibly empty.
        topic: String,
        /// Its newest seq.
        head: Seq,
    },
    /// The user of the session has another kind or role from now on.
    You {
        /// The user as they are now.
        user: Me,
    },
    /// The missed events are too many, or the log is another: ask for `history`, go on from `head`.
    Reset {
        /// Where.
        room: String,
        /// The room's newest seq; live events follow from the next.
        head: Seq,
    },
    /// The server closes the connection.
    Goodbye {
        /// Why, for programs.
        code: GoodbyeCode,
        /// Why, for the person.
        text: String,
        /// How long to wait before connecting again; none where it is no use.
        reconnect_after_ms: Option<u64>,
    },
}

open_enum! {
    /// Why the server closes a connection.
    pub enum GoodbyeCode {
        /// The server stops or starts anew.
        Restart = "restart",
        /// The user is banned from the server.
        Banned = "banned",
        /// The login was ended.
        Revoked = "revoked",
        /// The client did not take what was sent to it; nothing is lost, resume brings the rest.
        Slow = "slow",
        /// Nothing was heard from the client for too long.
        Idle = "idle",
        /// The client broke the protocol.
        Protocol = "protocol",
    }
}
