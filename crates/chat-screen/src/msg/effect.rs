//! What the world should do, in four parts: each has one place that does it.

use chat_proto::Token;
use chat_proto::account::{Credentials, NewPassword};
use chat_proto::event::File;
use chat_proto::updates::Outgoing;

use super::{Ask, Upload};
use crate::clean::Clean;

/// Everything the program may do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Over the connection.
    Server(ToServer),
    /// With the terminal.
    Screen(ToScreen),
    /// With files, on the disk and on the server.
    Files(ToFiles),
    /// With the person's account.
    Account(ToAccount),
}

/// What goes over the connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ToServer {
    /// Ask a question. The answer comes back as [`super::Msg::Answer`].
    Ask(Ask),
    /// Send a message. One without a room waits for [`ToServer::Place`].
    Post(Outgoing),
    /// Send the messages without a room to this one.
    Place(String),
    /// Give up messages without a room, by their nonces.
    Withdraw(Vec<String>),
    /// Tell the room that the person is typing.
    Typing(String),
    /// Say hello with another name.
    Rename(String),
    /// Try to connect at once.
    Reconnect,
}

/// What the terminal does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ToScreen {
    /// Tell the person, who looks elsewhere.
    Attract(Clean),
    /// Take the wheel, or leave the mouse to the terminal.
    Mouse(bool),
    /// Draw everything anew.
    Redraw,
    /// Go to the background, as a shell does.
    Suspend,
    /// End the program.
    Quit,
}

/// What happens with files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ToFiles {
    /// Upload a file. It comes back as [`super::Msg::Uploaded`].
    Upload(Upload),
    /// Give up the upload.
    CancelUpload,
    /// Save files, under a path if one was typed.
    Save(Vec<File>, Option<String>),
    /// Open a file with the system's program for it.
    Open(File),
    /// Open a link.
    OpenLink(String),
    /// Look up what a path may become. The answer comes back as [`super::Msg::Paths`].
    ListPaths(String),
    /// Forget the pictures: they were another person's to see.
    ForgetPictures,
}

/// What happens with the person's account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ToAccount {
    /// Register. The answers to this and the next three come back as [`super::Msg::Account`].
    Register(Credentials),
    /// Log in.
    LogIn(Credentials),
    /// Change the password.
    Password(NewPassword),
    /// End this login.
    LogOut,
    /// Look up who may register. The answer comes back as [`super::Msg::Registration`].
    AskRegistration,
    /// Go on as this user: keep the login, and connect with it.
    Become {
        /// The user's name.
        name: String,
        /// The login.
        token: Token,
        /// Whether it is the same user as before, whose connection can stay.
        is_same: bool,
    },
    /// Forget the login, and disconnect.
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

/// The effects of an action that has one.
pub(crate) fn one(effect: impl Into<Effect>) -> Vec<Effect> {
    vec![effect.into()]
}
