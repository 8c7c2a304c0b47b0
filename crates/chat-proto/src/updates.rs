//! What a connection reports to the program that uses it. The client library makes these, and the screen shows them; the
//! types live here so that the screen needs no network.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::reply::{Failure, Joined, Welcome};
use crate::{Event, Millis, Seq, Signal};

/// A message that the server has not acknowledged yet.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outgoing {
    /// Its idempotency key.
    pub nonce: String,
    /// The room it goes to; empty while no room is known yet.
    pub room: String,
    /// Its text.
    pub text: String,
    /// The message it answers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reply_to: Option<Seq>,
    /// The ids of its files.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub files: Vec<String>,
}

/// What happened, in order.
#[derive(Debug)]
pub enum Update {
    /// It tries to connect.
    Connecting,
    /// There is a server, of whose welcome parts arrive. On a slow line it takes long until it is [`Update::Live`].
    Reached,
    /// The login is lost, and the next [`Update::Live`] is that of another user, who takes the same name and is in no
    /// room of the former one.
    NewUser,
    /// It is connected. Rooms with a cursor follow with what was missed, the others from their head.
    Live(Box<Welcome>),
    /// The server was reached, and asks to come back in that time, as it is busy or about to restart.
    /// [`Update::Offline`] follows.
    AskedToWait(Duration),
    /// It is not connected, and tries again in that time; `None`: not before it is told to.
    Offline {
        /// Why, in words.
        reason: String,
        /// When it tries again.
        retry_in: Option<Duration>,
    },
    /// The server has not answered for that long, and no byte of it arrived.
    NoAnswer(Duration),
    /// After [`Update::NoAnswer`], bytes arrive again.
    AnswersAgain,
    /// The server does not take the name; it waits for another name.
    NameRefused(Failure),
    /// The next event of a room. None is ever missing before it.
    Event(Box<Event>),
    /// Someone opened a direct room with this user, which is heard from now on.
    Opened(Box<Joined>),
    /// The server's log is another one, and what the last welcome promised was heard: the events missed, or a `reset`
    /// for each room whose cursor means nothing there.
    Settled,
    /// A room was joined again, because messages wait for it and the user was not in it.
    Rejoined(Box<Joined>),
    /// Live-only news, or a `reset`.
    Signal(Signal),
    /// A message is stored.
    Sent {
        /// Its own name.
        nonce: String,
        /// Where.
        room: String,
        /// Its number there.
        seq: Seq,
        /// When.
        at: Millis,
    },
    /// A message never will be stored, and why.
    Failed {
        /// What was to be sent.
        entry: Outgoing,
        /// Why it is not.
        failure: Failure,
    },
    /// A message is in the outbox and on disk: it survives the end of the program.
    Kept {
        /// Its own name.
        nonce: String,
    },
    /// Messages that were not [`Update::Kept`] yet are not on disk, and why. They are lost if the program ends now.
    JournalLost(String),
    /// All that waits is on disk again.
    JournalBack,
}

/// Why a question has no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AskError {
    /// There is no connection, or it broke before the answer.
    Offline,
    /// The server refused.
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
