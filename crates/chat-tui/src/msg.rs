//! What happened, and what the world should do about it.

mod ask;

use chat_proto::account::{Credentials, LoggedIn, NewPassword};
use chat_proto::event::File;
use chat_proto::updates::{AskError, Update};
use chat_proto::{Reply, Seq};
use ratatui::layout::Size;

pub use self::ask::Ask;
use crate::clean::Clean;
use crate::keys::Action;
use crate::pictures::Picture;

/// Everything that can happen.
#[derive(Debug)]
pub enum Msg {
    /// From the keyboard: an action of the table in [`crate::keys`].
    Action(Action),
    /// From the keyboard: a character for the input.
    Insert(char),
    /// From the terminal: a pasted text, which never acts by itself.
    Paste(String),
    /// From the terminal: the wheel was turned, up or down.
    Wheel {
        /// Whether up.
        up: bool,
    },
    /// From the terminal: its new size.
    Resize(u16, u16),
    /// From the terminal: whether the person looks at it.
    Focus(bool),
    /// From the client.
    Update(Update),
    /// From the server: the answer to an [`Effect::Ask`].
    Answer(Ask, Result<Reply, AskError>),
    /// From the server, over HTTP: what came of an account's form.
    Account(Account, Result<Option<LoggedIn>, String>),
    /// An upload goes on: its name, and how many bytes of how many.
    Uploading(Clean, u64, u64),
    /// An upload is done, or why it is not.
    Uploaded(Upload, Result<File, String>),
    /// A picture that was asked for, where it can be had.
    Picture(String, Size, Option<Picture>),
    /// From the disk: what the path that was typed may become.
    Paths(String, Vec<String>),
    /// What came of something that was asked for: a word to the person.
    Told(Result<String, String>),
    /// From the clock: something that depends on the time is due.
    Tick,
}

/// A file on its way, and what it is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Upload {
    /// The path, and perhaps a text behind it.
    pub typed: String,
    /// Where it goes.
    pub room: String,
    /// The message it answers.
    pub reply_to: Option<Seq>,
}

/// What a form about accounts asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Account {
    /// To make one.
    Register(Credentials),
    /// To be someone who has one.
    LogIn(Credentials),
    /// To change its password.
    Password(NewPassword),
    /// To end this login.
    LogOut,
}

/// Everything the program may do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Ask the server; the answer comes back as [`Msg::Answer`].
    Ask(Ask),
    /// Send a message.
    Post {
        /// The message's own name.
        nonce: String,
        /// Where.
        room: String,
        /// What.
        text: String,
        /// The message it answers.
        reply_to: Option<Seq>,
        /// The files it bears, by their ids.
        files: Vec<String>,
    },
    /// Send what was written before there was a room to this one.
    Place(String),
    /// Do not send what was written before there was a room, after all.
    Withdraw(Vec<String>),
    /// Upload a file; it comes back as [`Msg::Uploaded`].
    Upload(Upload),
    /// Give the upload up.
    CancelUpload,
    /// Save files, under a path where one was typed.
    Save(Vec<File>, Option<String>),
    /// Show a file with what the system has for it.
    Open(File),
    /// Go to a link.
    OpenLink(String),
    /// Get a picture and prepare it for so many cells; it comes back as [`Msg::Picture`].
    Picture(String, Size),
    /// Look what a path may become; it comes back as [`Msg::Paths`].
    ListPaths(String),
    /// Tell the person who looks elsewhere.
    Attract(Clean),
    /// Tell the room that one is writing.
    Typing(String),
    /// Ask something about accounts; the answer comes back as [`Msg::Account`].
    Account(Account),
    /// Say hello with another name.
    Rename(String),
    /// Try to connect at once.
    Reconnect,
    /// Take the wheel, or leave the mouse to the terminal.
    Mouse(bool),
    /// Draw everything anew.
    Redraw,
    /// Go to the background, as shells do.
    Suspend,
    /// End the program.
    Quit,
}
