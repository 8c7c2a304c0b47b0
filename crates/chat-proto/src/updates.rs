//! What a connection reports to its program. The client library makes these values and the screen shows them. They
//! live here so that the screen does not depend on the network code.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::reply::{Failure, Joined, Welcome};
use crate::{Event, Millis, Seq, Signal};

/// A message that the server has not acknowledged yet.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outgoing {
    /// Its idempotency key.
    pub nonce: String,
    /// The room it is for. Empty while no room is known yet.
    pub room: String,
    /// Its text.
    pub text: String,
    /// The message that it replies to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reply_to: Option<Seq>,
    /// The ids of its files.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub files: Vec<String>,
}

/// What happened on the connection, in order.
#[derive(Debug)]
pub enum Update {
    /// The client is trying to connect.
    Connecting,
    /// The server was reached, and its `welcome` is arriving. On a slow line it can take long until [`Update::Live`].
    Reached,
    /// The login is lost. The next [`Update::Live`] is for a new user, who has the same name and is in none of the
    /// former user's rooms.
    NewUser,
    /// The client is connected. Rooms with a cursor are next brought up to date; the others start at their head.
    Live(Box<Welcome>),
    /// The server was reached, but is busy or about to restart and asks the client to reconnect after this time.
    /// [`Update::Offline`] follows.
    AskedToWait(Duration),
    /// The client is not connected.
    Offline {
        /// The reason, in words.
        reason: String,
        /// When it tries again. `None` means not until it is told to.
        retry_in: Option<Duration>,
    },
    /// The server has not answered for this long, and no byte of the answer arrived.
    NoAnswer(Duration),
    /// After [`Update::NoAnswer`], bytes arrive again.
    AnswersAgain,
    /// The server refused the name. The client waits for another one.
    NameRefused(Failure),
    /// The next event of a room. No event before it is ever missing.
    Event(Box<Event>),
    /// Someone opened a direct room with this user, who is now subscribed to it.
    Opened(Box<Joined>),
    /// The epoch is a new one, and everything that the last welcome promised has arrived: the missed events, or a
    /// `reset` for each room whose cursor is not valid there.
    Settled,
    /// The client joined a room again, because messages were waiting for it and the user was not in it.
    Rejoined(Box<Joined>),
    /// A signal; `reset` is one as well.
    Signal(Signal),
    /// A message is stored.
    Sent {
        /// Its idempotency key.
        nonce: String,
        /// The room's name.
        room: String,
        /// Its seq.
        seq: Seq,
        /// When it was committed.
        at: Millis,
    },
    /// A message will never be stored.
    Failed {
        /// The message.
        entry: Outgoing,
        /// The reason.
        failure: Failure,
    },
    /// A message is in the outbox and on disk: it survives the end of the program.
    Kept {
        /// Its idempotency key.
        nonce: String,
    },
    /// Messages that were not [`Update::Kept`] yet could not be written to disk, for this reason. They are lost if
    /// the program ends now.
    JournalLost(String),
    /// All waiting messages are on disk again.
    JournalBack,
}

/// Why a command has no reply.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AskError {
    /// There is no connection, or it broke before the reply.
    Offline,
    /// The server refused the command.
    Refused(Failure),
}

impl std::fmt::Display for AskError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Offline => {
                f.write_str("You are offline, so this was not done. Try again when you are connected.")
            }
            Self::Refused(failure) => f.write_str(&failure.message),
        }
    }
}

impl std::error::Error for AskError {}
