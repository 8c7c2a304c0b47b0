//! Messages to the core: everything that can happen. And effects: what to do about it.

mod ask;
mod effect;

use chat_proto::account::{LoggedIn, Registration};
use chat_proto::event::File;
use chat_proto::updates::{AskError, Outgoing, Update};
use chat_proto::{Reply, Seq};

pub use self::ask::Ask;
pub(crate) use self::effect::one;
pub use self::effect::{Effect, ToAccount, ToFiles, ToScreen, ToServer};
use crate::action::Action;
use crate::clean::Clean;

/// Everything that can happen.
#[derive(Debug)]
pub enum Msg {
    /// The keyboard: a key of the table in [`crate::action`].
    Action(Action),
    /// The keyboard: a character for the input.
    Insert(char),
    /// The terminal: a pasted text, which never triggers an action.
    Paste(String),
    /// The terminal: the wheel was turned.
    Wheel {
        /// Whether it was turned upwards.
        up: bool,
    },
    /// The terminal: its new size, in columns and rows.
    Resize(u16, u16),
    /// The terminal: whether it has the focus.
    Focus(bool),
    /// The program: there is no name yet, so the person must be asked for one.
    NameWanted {
        /// A name to suggest.
        suggestion: String,
    },
    /// The program: the client starts to connect.
    Started(Started),
    /// The client library.
    Update(Update),
    /// The server: the reply to a question.
    Answer(Ask, Result<Reply, AskError>),
    /// The server, over HTTP: the response to an account form, or a sentence why it failed.
    Account(ToAccount, Result<Option<LoggedIn>, String>),
    /// The server, over HTTP: who may register.
    Registration(Registration),
    /// Progress of an upload.
    Uploading(Uploading),
    /// An upload finished, or a sentence why it failed.
    Uploaded(Upload, Result<Uploaded, String>),
    /// The disk: the completions of a path that was typed.
    Paths(String, Vec<String>),
    /// Something was done, or failed: a sentence for the person.
    Done(Result<String, String>),
    /// The clock: something that depends on the time is due.
    Tick,
}

/// How the client starts.
#[derive(Debug, Default)]
pub struct Started {
    /// The name that it asks for.
    pub name: Option<String>,
    /// Messages that an earlier run could not send.
    pub waiting: Vec<Outgoing>,
    /// Why messages cannot be written to disk, if they cannot.
    pub unkept: Option<String>,
}

/// A file to upload, and what it is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Upload {
    /// What was typed: the path, and optionally a caption after it.
    pub typed: String,
    /// The room that it is for.
    pub room: String,
    /// The message that it replies to.
    pub reply_to: Option<Seq>,
}

/// The progress of an upload.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Uploading {
    /// The file's name.
    pub name: Clean,
    /// The number of bytes sent.
    pub sent: u64,
    /// The number of bytes in total.
    pub size: u64,
}

/// An uploaded file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Uploaded {
    /// The file.
    pub file: File,
    /// The caption that was typed after its path.
    pub caption: String,
}
