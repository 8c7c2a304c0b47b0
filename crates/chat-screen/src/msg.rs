//! What happened, and what the world should do about it.

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
    /// The terminal: a pasted text, which never acts by itself.
    Paste(String),
    /// The terminal: the wheel was turned.
    Wheel {
        /// Whether upwards.
        up: bool,
    },
    /// The terminal: its new size, in columns and rows.
    Resize(u16, u16),
    /// The terminal: whether it has the focus.
    Focus(bool),
    /// The program: there is no name yet, so the person is asked for one.
    NameWanted {
        /// A name that may suit them.
        suggestion: String,
    },
    /// The program: the client starts to connect.
    Started(Started),
    /// The client.
    Update(Update),
    /// The server: the answer to a question.
    Answer(Ask, Result<Reply, AskError>),
    /// The server, over HTTP: the answer to an account's form, or a sentence why there is none.
    Account(ToAccount, Result<Option<LoggedIn>, String>),
    /// The server, over HTTP: who may register.
    Registration(Registration),
    /// An upload goes on.
    Uploading(Uploading),
    /// An upload is done, or why it is not.
    Uploaded(Upload, Result<Uploaded, String>),
    /// The disk: what the path that was typed may become.
    Paths(String, Vec<String>),
    /// Something is done, or why it is not: a sentence for the person.
    Done(Result<String, String>),
    /// The clock: something that depends on the time is due.
    Tick,
}

/// What the client starts with.
#[derive(Debug, Default)]
pub struct Started {
    /// The name it asks for.
    pub name: Option<String>,
    /// What an earlier run could not send.
    pub waiting: Vec<Outgoing>,
    /// Why messages cannot be put on disk, if they cannot.
    pub unkept: Option<String>,
}

/// A file to upload, and what it is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Upload {
    /// What was typed: the path, and perhaps a caption behind it.
    pub typed: String,
    /// The room it goes to.
    pub room: String,
    /// The message it answers.
    pub reply_to: Option<Seq>,
}

/// How far an upload is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Uploading {
    /// The file's name.
    pub name: Clean,
    /// How many bytes were sent.
    pub sent: u64,
    /// How many there are.
    pub size: u64,
}

/// A file that the server has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Uploaded {
    /// The file.
    pub file: File,
    /// What was typed behind its path.
    pub caption: String,
}
