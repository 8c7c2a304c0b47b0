//! What a client is started with, and what its handle tells the driver to do.

use std::path::PathBuf;

use chat_proto::updates::{AskError, Outgoing};
use chat_proto::{Command, Reply, Token};
use tokio::sync::oneshot;

use crate::cursors::Cursors;
use crate::endpoint::Endpoint;
use crate::journal::Journal;

/// What a client is started with.
#[derive(Debug)]
pub struct Options {
    /// The server.
    pub endpoint: Endpoint,
    /// The name to say hello with where there is no token, or none that is known.
    pub name: Option<String>,
    /// The token of an earlier welcome.
    pub token: Option<Token>,
    /// The program, such as `chat-tui/0.1.0`.
    pub program: String,
    /// Where the outbox is kept beyond the program's end.
    pub journal: Option<Journal>,
    /// The path beside which a journal is made as soon as that is possible, if there is no journal yet.
    pub journal_at: Option<PathBuf>,
    /// What an earlier run could not send.
    pub waiting: Vec<Outgoing>,
    /// From where to go on.
    pub cursors: Cursors,
}

impl Options {
    /// A guest who starts at the newest message of each room. Unsent messages do not outlive the program.
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

/// What the handle tells the driver to do.
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
