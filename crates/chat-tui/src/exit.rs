//! The program's exit codes, and its messages on standard error.

use std::io::Write;

use chat_client::{Cause, Error};
use chat_proto::ErrorCode;
use chat_screen::clean::Clean;

/// The reason for which a run ends, as an exit code that scripts can distinguish.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Exit {
    /// Success.
    Done = 0,
    /// A bug, or an unforeseen failure.
    Failed = 1,
    /// Wrong usage.
    Usage = 2,
    /// The server could not be reached in time.
    Unreachable = 3,
    /// Not allowed: the name, the login or a right is missing.
    Denied = 4,
    /// The room does not exist.
    NotFound = 5,
    /// The server does not accept the message or the file.
    Invalid = 6,
    /// Retrying later may work.
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

/// Writes a line to standard error. If that fails, the program continues.
pub(crate) fn complain(text: &str) {
    let _ = writeln!(std::io::stderr(), "chat-tui: {}", Clean::line(text));
}
