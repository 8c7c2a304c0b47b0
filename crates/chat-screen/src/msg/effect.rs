//! Effects: what the world outside does, in four parts, each with one place that carries them out.

use chat_proto::Token;
use chat_proto::account::{Credentials, NewPassword};
use chat_proto::event::File;
use chat_proto::updates::Outgoing;

use super::{Ask, Upload};
use crate::clean::Clean;

/// An effect.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// An effect over the connection.
    Server(ToServer),
    /// An effect on the terminal.
    Screen(ToScreen),
    /// An effect on files, on the disk or on the server.
    Files(ToFiles),
    /// An effect on the person's account.
    Account(ToAccount),
}

/// What is sent over the connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ToServer {
    /// Asks a question. The reply comes back as [`super::Msg::Answer`].
    Ask(Ask),
    /// Sends a message. One without a room waits for [`ToServer::Place`].
    Post(Outgoing),
    /// Sends the messages without a room to this one.
    Place(String),
    /// Withdraws messages without a room, by their idempotency keys.
    Withdraw(Vec<String>),
    /// Tells the room that the person is typing.
    Typing(String),
    /// Says hello with another name.
    Rename(String),
    /// Tries to connect at once.
    Reconnect,
}

/// What the terminal does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ToScreen {
    /// Alerts the person, who is not looking.
    Attract(Clean),
    /// Takes the mouse wheel, or leaves the mouse to the terminal.
    Mouse(bool),
    /// Redraws everything.
    Redraw,
    /// Suspends the program, as a shell does.
    Suspend,
    /// Ends the program.
    Quit,
}

/// What is done with files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ToFiles {
    /// Uploads a file. The result comes back as [`super::Msg::Uploaded`].
    Upload(Upload),
    /// Cancels the upload.
    CancelUpload,
    /// Saves files, at a path if one was typed.
    Save(Vec<File>, Option<String>),
    /// Opens a file with the system's program for it.
    Open(File),
    /// Opens a link.
    OpenLink(String),
    /// Lists the completions of a path. The result comes back as [`super::Msg::Paths`].
    ListPaths(String),
    /// Forgets the pictures, which another person was allowed to see.
    ForgetPictures,
}

/// What is done with the person's account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ToAccount {
    /// Registers. The results of this and the next three come back as [`super::Msg::Account`].
    Register(Credentials),
    /// Logs in.
    LogIn(Credentials),
    /// Changes the password.
    Password(NewPassword),
    /// Ends this login.
    LogOut,
    /// Asks who may register. The result comes back as [`super::Msg::Registration`].
    AskRegistration,
    /// Continues as this user: stores the login, and connects with it.
    Become {
        /// The user's name.
        name: String,
        /// The login's token.
        token: Token,
        /// Whether the user is the same as before, so that the connection can stay.
        is_same: bool,
    },
    /// Forgets the login, and disconnects.
    Forget,
}

impl From<Ask> for Effect {
    fn from(ask: Ask) -> Self {
        Self::Server(ToServer::Ask(ask))
    }
}

impl From<ToServer> for Effect {
    fn from(what: ToServer) -> Self {
        Self::Server(what)
    }
}

impl From<ToScreen> for Effect {
    fn from(what: ToScreen) -> Self {
        Self::Screen(what)
    }
}

impl From<ToFiles> for Effect {
    fn from(what: ToFiles) -> Self {
        Self::Files(what)
    }
}

impl From<ToAccount> for Effect {
    fn from(what: ToAccount) -> Self {
        Self::Account(what)
    }
}

/// Returns a list with one effect.
pub(crate) fn one(effect: impl Into<Effect>) -> Vec<Effect> {
    vec![effect.into()]
}
