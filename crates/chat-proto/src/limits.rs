//! The numbers that both ends must agree on. The server sends them in `welcome.limits`.

use serde::{Deserialize, Serialize};

/// The maximum length of a message's text, in bytes of UTF-8 after trimming.
pub const TEXT_BYTES: usize = 4096;
/// The maximum length of a user's name, in characters.
pub const NAME_CHARS: usize = 32;
/// The maximum length of a user's name, in bytes of UTF-8.
pub const NAME_BYTES: usize = 64;
/// The maximum length of a room's name, in bytes (all ASCII).
pub const ROOM_NAME_BYTES: usize = 32;
/// The maximum length of a topic, in bytes of UTF-8 after trimming.
pub const TOPIC_BYTES: usize = 250;
/// The maximum length of an idempotency key, in bytes (all ASCII).
pub const NONCE_BYTES: usize = 64;
/// The maximum length of a client's frame, in bytes: a text of `TEXT_BYTES` in which JSON escapes every byte sixfold,
/// and enough for a `resume` of every room that a user can be in.
pub const FRAME_BYTES: usize = 64 * 1024;
/// The maximum number of messages, members or events on one page.
pub const PAGE: usize = 200;
/// The maximum number of encoded bytes of the items on one page. A page that ends because of this limit has `more`,
/// like a page that ends because of [`PAGE`].
pub const PAGE_BYTES: usize = 256 * 1024;
/// The number of messages on a page if the client does not ask for a number.
pub const PAGE_DEFAULT: usize = 50;
/// The maximum number of missed events that the server replays for one room. If there are more, the client gets a
/// `reset`.
pub const REPLAY: u64 = 1000;
/// The number at which the server stops counting unread messages.
pub const UNREAD: u64 = 10_000;
/// The maximum number of users named in `online` and `presence`. If more are online, only their number is sent.
pub const ONLINE_NAMES: usize = 1000;
/// How long a `typing` signal is shown, in milliseconds.
pub const TYPING_MS: u64 = 6000;
/// The maximum length of `hello.client`, in bytes. The rest is cut off.
pub const CLIENT_BYTES: usize = 64;
/// The default maximum length of a file, in bytes.
pub const FILE_BYTES: u64 = 100 * 1024 * 1024;
/// The maximum length of a file's name, in bytes of UTF-8. A longer name is cut.
pub const FILE_NAME_BYTES: usize = 128;
/// The maximum number of files in one message.
pub const FILES: usize = 10;
/// The minimum length of a password, in bytes of UTF-8.
pub const PASSWORD_MIN_BYTES: usize = 8;
/// The maximum length of a password, in bytes of UTF-8.
pub const PASSWORD_BYTES: usize = 1024;
/// The maximum length of a moderation reason, in bytes of UTF-8 after trimming.
pub const REASON_BYTES: usize = 250;
/// The largest integer that JSON parsers keep exactly (2^53 - 1): the limit of `id` and of every seq.
pub const MAX_SAFE_INTEGER: u64 = (1 << 53) - 1;

/// The limits that a client should know, as they are in `welcome`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limits {
    /// See [`TEXT_BYTES`].
    pub text_bytes: usize,
    /// See [`NAME_CHARS`].
    pub name_chars: usize,
    /// See [`ROOM_NAME_BYTES`].
    pub room_name_bytes: usize,
    /// See [`TOPIC_BYTES`].
    pub topic_bytes: usize,
    /// See [`NONCE_BYTES`].
    pub nonce_bytes: usize,
    /// See [`PASSWORD_MIN_BYTES`].
    pub password_min_bytes: usize,
    /// See [`PASSWORD_BYTES`].
    pub password_bytes: usize,
    /// See [`REASON_BYTES`].
    pub reason_bytes: usize,
    /// See [`FRAME_BYTES`].
    pub frame_bytes: usize,
    /// See [`PAGE`].
    pub page: usize,
    /// See [`REPLAY`].
    pub replay: u64,
    /// See [`UNREAD`].
    pub unread: u64,
    /// See [`TYPING_MS`].
    pub typing_ms: u64,
    /// See [`FILE_BYTES`].
    #[serde(default)]
    pub file_bytes: u64,
    /// See [`FILES`].
    #[serde(default)]
    pub files: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            text_bytes: TEXT_BYTES,
            name_chars: NAME_CHARS,
            room_name_bytes: ROOM_NAME_BYTES,
            topic_bytes: TOPIC_BYTES,
            nonce_bytes: NONCE_BYTES,
            password_min_bytes: PASSWORD_MIN_BYTES,
            password_bytes: PASSWORD_BYTES,
            reason_bytes: REASON_BYTES,
            frame_bytes: FRAME_BYTES,
            page: PAGE,
            replay: REPLAY,
            unread: UNREAD,
            typing_ms: TYPING_MS,
            file_bytes: FILE_BYTES,
            files: FILES,
        }
    }
}
