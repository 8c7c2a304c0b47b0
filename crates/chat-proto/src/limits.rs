//! Every number that both ends must agree on. The server tells them in `welcome.limits`.

use serde::{Deserialize, Serialize};

/// Longest message text, in bytes of UTF-8 after trimming.
pub const TEXT_BYTES: usize = 4096;
/// Longest user name, in characters.
pub const NAME_CHARS: usize = 32;
/// Longest user name, in bytes of UTF-8.
pub const NAME_BYTES: usize = 64;
/// Longest room name, in bytes (which are ASCII).
pub const ROOM_NAME_BYTES: usize = 32;
/// Longest topic, in bytes of UTF-8 after trimming.
pub const TOPIC_BYTES: usize = 250;
/// Longest nonce, in bytes (which are ASCII).
pub const NONCE_BYTES: usize = 64;
/// Longest client frame, in bytes: a text of `TEXT_BYTES` in which JSON escapes every byte sixfold, with room
/// to spare for a `resume` of every room a user can be in.
pub const FRAME_BYTES: usize = 64 * 1024;
/// Most messages, members or events of one page.
pub const PAGE: usize = 200;
/// Most encoded bytes of the items on one page. A page that ends by bytes says `more`, as one that ends by count.
pub const PAGE_BYTES: usize = 256 * 1024;
/// Messages of a page when the asker names no number.
pub const PAGE_DEFAULT: usize = 50;
/// Most missed events the server replays for one room; beyond it the client gets a `reset`.
pub const REPLAY: u64 = 1000;
/// Where counting unread messages stops.
pub const UNREAD: u64 = 10_000;
/// Most users named in `online` and `presence`; where more are online only their number is told.
pub const ONLINE_NAMES: usize = 1000;
/// How long a `typing` signal is shown, in milliseconds.
pub const TYPING_MS: u64 = 6000;
/// Longest `hello.client`, in bytes; what is longer is cut.
pub const CLIENT_BYTES: usize = 64;
/// Longest file unless the server was told otherwise, in bytes.
pub const FILE_BYTES: u64 = 100 * 1024 * 1024;
/// Longest name of a file, in bytes of UTF-8; a longer one is cut.
pub const FILE_NAME_BYTES: usize = 128;
/// Most files of one message.
pub const FILES: usize = 10;
/// Shortest pass-phrase, in bytes of UTF-8.
pub const PASSWORD_MIN_BYTES: usize = 8;
/// Longest pass-phrase, in bytes of UTF-8.
pub const PASSWORD_BYTES: usize = 1024;
/// Longest reason of a moderation act, in bytes of UTF-8 after trimming.
pub const REASON_BYTES: usize = 250;
/// Largest number that JSON readers keep exact (2^53 - 1): the bound of `id` and of every seq.
pub const MAX_SAFE_INTEGER: u64 = (1 << 53) - 1;

/// The numbers a client should know, as they stand in `welcome`.
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
