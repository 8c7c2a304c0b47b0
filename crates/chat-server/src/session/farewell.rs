//! The end of a session: `goodbye`, a close frame, and time for the client to read them.

use std::time::Duration;

use chat_proto::signal::GoodbyeCode;
use chat_proto::{ServerFrame, Signal};

use super::socket::Reader;
use crate::send_queue::{End, SendQueue};
use crate::wire;

/// How long sending the last frames may take.
const LINGER: Duration = Duration::from_secs(5);

/// How long sending the last frames may take in a slow session.
const SLOW_LINGER: Duration = Duration::from_secs(30);

/// How long the client may take to close its side.
const CLOSE_WAIT: Duration = Duration::from_secs(2);

/// When clients should reconnect after a restart, in milliseconds. They spread their reconnections around it.
const RESTART_MS: u64 = 1000;

/// Why a session ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Farewell {
    /// The client closed the connection, cleanly or not.
    Left,
    /// The server stops.
    Restart,
    /// The client did not read what was sent.
    Slow,
    /// The client sent nothing for too long.
    Idle,
    /// The user is banned from the server.
    Banned,
    /// The login was ended.
    Revoked,
    /// The session should reconnect.
    Again,
    /// No hello in time.
    NoHello,
    /// A binary frame.
    Binary,
    /// A message over the limit, or endless fragments.
    TooBig,
    /// Too many refused commands.
    Flood,
    /// Invalid UTF-8.
    NotUtf8,
    /// A violation of the WebSocket protocol.
    Malformed,
}

impl From<End> for Farewell {
    fn from(end: End) -> Self {
        match end {
            End::Slow => Self::Slow,
            End::Banned => Self::Banned,
            End::Revoked => Self::Revoked,
            End::Again => Self::Again,
            End::Gone | End::Closing => Self::Left,
        }
    }
}

impl Farewell {
    /// Returns the goodbye's code, the close code (RFC 6455, 7.4), when to reconnect, and the text.
    fn words(self) -> Option<(GoodbyeCode, u16, Option<u64>, &'static str)> {
        use GoodbyeCode::{Banned, Idle, Protocol, Restart, Revoked, Slow};
        Some(match self {
            Self::Left => return None,
            Self::Restart => (Restart, 1001, Some(RESTART_MS), "The server restarts."),
            Self::Slow => {
                (Slow, 1013, Some(0), "The client did not read fast enough. Resume to get the rest.")
            }
            Self::Idle => (Idle, 1001, Some(0), "The client sent nothing for too long."),
            Self::Banned => (Banned, 1008, None, "You are banned from this server."),
            Self::Revoked => (Revoked, 1008, None, "This login was ended. Log in again."),
            Self::Again => (Restart, 1001, Some(0), "Your name has changed. Connect again."),
            Self::NoHello => (Protocol, 1008, None, "There was no hello within 10 seconds."),
            Self::Flood => (
                Protocol,
                1008,
                None,
                "Too many commands were refused. Send valid commands, and more slowly.",
            ),
            Self::Binary => (Protocol, 1003, None, "The protocol only has text frames."),
            Self::TooBig => (Protocol, 1009, None, "A frame has at most 64 KiB."),
            Self::NotUtf8 => (Protocol, 1007, None, "A text frame is UTF-8."),
            Self::Malformed => (Protocol, 1002, None, "That is not the WebSocket protocol."),
        })
    }

    /// Says goodbye, and gives the client time to read it: closing a socket with unread input makes the kernel
    /// discard data that is still being sent.
    pub(super) async fn say(self, queue: &SendQueue, reader: &mut Reader) {
        let Some((code, close, reconnect_after_ms, text)) = self.words() else {
            return reader.drain(CLOSE_WAIT).await;
        };
        let goodbye = Signal::Goodbye { code, text: text.to_owned(), reconnect_after_ms };
        let mut last = Vec::new();
        wire::write_text(&ServerFrame::Signal(goodbye), &mut last);
        wire::write_close(close, text, &mut last);
        let linger = if self == Self::Slow { SLOW_LINGER } else { LINGER };
        queue.finish(last.into(), linger).await;
        reader.drain(CLOSE_WAIT).await;
    }
}
