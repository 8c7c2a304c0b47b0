//! The protocol between client and server, and how names and texts are parsed. This crate has only types and pure
//! functions: no I/O, no async runtime.
//!
//! A **room** is an append-only log of **events**, each with the next **seq** (1, 2, 3, without gaps). A client sends
//! **commands** and gets one **reply** to each. **Signals** are only sent live, and nothing may depend on them.
//! `docs/PROTOCOL.md` shows every frame. Its examples are this crate's test fixtures.
//!
//! Modules in order; each imports only those before it: [`limits`], [`id`], [`duration`], [`word`], [`error`], [`token`], [`name`], [`text`],
//! [`emoji`], [`mod@file`], [`user`], [`room`], [`event`], [`signal`], [`command`], [`reply`], [`frame`], [`account`],
//! [`policy`], [`updates`], [`counts`].

pub mod account;
pub mod command;
pub mod counts;
pub mod duration;
pub mod emoji;
pub mod error;
pub mod event;
pub mod file;
pub mod frame;
pub mod id;
pub mod limits;
pub mod name;
pub mod policy;
pub mod reply;
pub mod room;
pub mod signal;
pub mod text;
pub mod token;
pub mod updates;
pub mod user;
pub mod word;

pub use account::Password;
pub use command::Command;
pub use emoji::Emoji;
pub use error::ErrorCode;
pub use event::{Event, What};
pub use file::file_name;
pub use frame::{ClientFrame, ServerFrame};
pub use id::{Millis, Seq, UserId};
pub use name::{RoomName, UserName, is_pair};
pub use reply::Reply;
pub use signal::Signal;
pub use text::{MessageText, Nonce, Reason, Topic};
pub use token::Token;
pub use word::Word;

/// The version of the protocol that this crate implements, as in `hello.protocol`.
pub const PROTOCOL: u32 = 1;
