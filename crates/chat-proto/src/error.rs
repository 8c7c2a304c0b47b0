//! Why a command is refused: a code for programs and a sentence for people.

use std::fmt;

use crate::word::open_enum;

open_enum! {
    /// Why a command was refused.
    #[expect(missing_docs, reason = "the names are the protocol's own words")]
    pub enum ErrorCode {
        BadRequest = "bad_request",
        UnknownType = "unknown_type",
        UnsupportedProtocol = "unsupported_protocol",
        HelloFirst = "hello_first",
        Unauthorized = "unauthorized",
        NameTaken = "name_taken",
        NameInvalid = "name_invalid",
        Forbidden = "forbidden",
        Muted = "muted",
        Banned = "banned",
        NotJoined = "not_joined",
        NoSuchRoom = "no_such_room",
        NoSuchUser = "no_such_user",
        NoSuchMessage = "no_such_message",
        NoSuchFile = "no_such_file",
        RoomExists = "room_exists",
        NonceReused = "nonce_reused",
        TooLong = "too_long",
        Empty = "empty",
        RateLimited = "rate_limited",
        /// The store cannot commit now, or the outcome is unknown: the message may or may not be stored. Retrying
        /// with the same idempotency key never stores it twice.
        Unavailable = "unavailable",
        Internal = "internal",
    }
}

impl ErrorCode {
    /// Whether the same command may succeed later, unchanged.
    #[must_use]
    pub fn is_temporary(self) -> bool {
        matches!(self, Self::RateLimited | Self::Unavailable | Self::Internal)
    }
}

/// A refused command: the client made a mistake, or has to wait.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The code, for programs.
    pub code: ErrorCode,
    /// A sentence that says what to do.
    pub message: String,
    /// With `rate_limited`: how long to wait before retrying.
    pub retry_after_ms: Option<u64>,
    /// With `name_taken`: whether the name belongs to an account, whose owner can log in.
    pub registered: bool,
}

impl Refusal {
    /// Creates a refusal with a sentence.
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
