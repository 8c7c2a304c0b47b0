//! The options of a client, and the orders from its handle to the driver.

use std::path::PathBuf;

use chat_proto::updates::{AskError, Outgoing};
use chat_proto::{Command, Reply, Token};
use tokio::sync::oneshot;

use crate::cursors::Cursors;
use crate::endpoint::Endpoint;
use crate::journal::Journal;

/// The options of a client.
#[derive(Debug)]
pub struct Options {
    /// The server's address.
    pub endpoint: Endpoint,
    /// The name for `hello` if there is no token, or if the server does not know it.
    pub name: Option<String>,
    /// The token from an earlier welcome.
    pub token: Option<Token>,
    /// The program's name and version, such as `chat-tui/0.1.0`.
    pub program: String,
    /// The journal that keeps the outbox beyond the program's end.
    pub journal: Option<Journal>,
    /// If there is no journal, one is created beside this path as soon as the disk permits it.
    pub journal_at: Option<PathBuf>,
    /// Messages that an earlier run could not send.
    pub waiting: Vec<Outgoing>,
    /// Where to resume.
    pub cursors: Cursors,
}

impl Options {
    /// Options for a guest who starts at the newest message of each room. Unsent messages do not outlive the program.
    #[must_use]
    pub fn guest(endpoint: Endpoint, name: &str) -> Self {
        Self {
            endpoint,
            name: Some(name.to_owned()),
            token: None,
            program: concat!("chat-client/", env!("CARGO_PKG_VERSION")).to_owned(),
            journal: None,
            journal_at: None,
            waiting: Vec::new(),
            cursors: Cursors::default(),
        }
    }
}

/// An order from the handle to the driver.
pub(crate) enum Order {
    Post(Outgoing),
    Place(String),
    Withdraw(Vec<String>),
    Ask(Command, oneshot::Sender<Result<Reply, AskError>>),
    KeepAt(PathBuf),
    Rename(String),
    UseToken(Token),
    Reconnect,
    Stop,
}
