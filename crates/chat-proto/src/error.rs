//! What the asker can do wrong, or must wait for: a code for programs and a sentence for people.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Why a command was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names are the protocol's own words")]
pub enum ErrorCode {
    BadRequest,
    UnknownType,
    UnsupportedProtocol,
    HelloFirst,
    Unauthorized,
    NameTaken,
    NameInvalid,
    Forbidden,
    Muted,
    Banned,
    NotJoined,
    NoSuchRoom,
    NoSuchUser,
    NoSuchMessage,
    NoSuchFile,
    RoomExists,
    NonceReused,
    TooLong,
    Empty,
    RateLimited,
    /// The store cannot commit now: nothing was stored, send the same nonce again.
    Unavailable,
    Internal,
    /// A code that this version does not know.
    #[serde(other)]
    Unknown,
}

impl ErrorCode {
    /// Whether the same command may succeed later, unchanged.
    #[must_use]
    pub fn is_temporary(self) -> bool {
        matches!(self, Self::RateLimited | Self::Unavailable | Self::Internal)
    }
}

/// A refused command: the asker's mistake, or a wait.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// For programs.
    pub code: ErrorCode,
    /// A sentence that says what to do.
    pub message: String,
    /// With `rate_limited`: how long to wait.
    pub retry_after_ms: Option<u64>,
    /// With `name_taken`: the name has a password, so who owns it can log in.
    pub registered: bool,
}

impl Refusal {
    /// A refusal with a sentence.
    pub fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), retry_after_ms: None, registered: false }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Refusal {}
