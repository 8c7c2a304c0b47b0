//! How the program ends, and what it says on standard error.

use std::io::Write;

use chat_client::{Cause, Error};
use chat_proto::ErrorCode;
use chat_screen::clean::Clean;

/// Why a run ends, as its exit code: scripts tell these apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Exit {
    /// Done.
    Done = 0,
    /// A bug, or a failure nobody foresaw.
    Failed = 1,
    /// Wrong use.
    Usage = 2,
    /// The server was not reached in time.
    Unreachable = 3,
    /// Not allowed: the name, the login, the right.
    Denied = 4,
    /// There is no such room.
    NotFound = 5,
    /// The server does not take it.
    Invalid = 6,
    /// Later it may work.
    Later = 7,
    /// The screen needs a terminal.
    NoTerminal = 8,
}

impl From<ErrorCode> for Exit {
    fn from(code: ErrorCode) -> Self {
        use ErrorCode as Code;
        match code {
            Code::Unauthorized
            | Code::Forbidden
            | Code::Muted
            | Code::Banned
            | Code::NameTaken
            | Code::NameInvalid => Self::Denied,
            Code::NoSuchRoom
            | Code::NoSuchUser
            | Code::NoSuchMessage
            | Code::NoSuchFile
            | Code::NotJoined => Self::NotFound,
            Code::RateLimited | Code::Unavailable => Self::Later,
            Code::Internal | Code::Other(_) => Self::Failed,
            _ => Self::Invalid,
        }
    }
}

impl From<&Error> for Exit {
    fn from(error: &Error) -> Self {
        match error {
            Error::Refused(failure) => failure.code.into(),
            Error::Unreachable(Cause::Status(401 | 403)) => Self::Denied,
            Error::Unreachable(Cause::TooLarge) => Self::Invalid,
            Error::Unreachable(Cause::TooMany { .. } | Cause::Gateway(_)) => Self::Later,
            Error::Unreachable(_) => Self::Unreachable,
            Error::Read { .. } | Error::NoFile { .. } => Self::Invalid,
            Error::Write(_) | Error::TooLong | Error::ForeignAddress | Error::NoRequests(_) => Self::Failed,
        }
    }
}

/// Writes a line to standard error. Nobody to tell is no reason to stop.
pub(crate) fn complain(text: &str) {
    let _ = writeln!(std::io::stderr(), "chat-tui: {}", Clean::line(text));
}
