//! The user's identity at a server, and where it is stored.

use std::path::PathBuf;

use chat_client::accounts::Accounts;
use chat_client::cursors::Cursors;
use chat_client::files::Files;
use chat_client::journal::Opened;
use chat_client::{Endpoint, Options};
use chat_proto::{Token, UserName};
use parking_lot::Mutex;

use crate::logins::Logins;

/// The program's name and version.
const PROGRAM: &str = concat!("chat-tui/", env!("CARGO_PKG_VERSION"));

/// The user's identity at a server.
pub struct Identity {
    /// The server's address.
    pub endpoint: Endpoint,
    /// The name, if it is known.
    pub name: Option<String>,
    logins: Logins,
    /// The token that the server sent last. It may not be on disk.
    held: Mutex<Option<Token>>,
}

impl Identity {
    /// Creates the identity at `endpoint` with this name, or with the name that was used last. `state_dir` is the
    /// folder for logins and unsent messages, if it is not the default.
    #[must_use]
    pub fn new(endpoint: Endpoint, name: Option<String>, state_dir: Option<PathBuf>) -> Self {
        let logins = Logins::open(state_dir, &endpoint);
        let name = name.or_else(|| logins.last_name());
        Self { endpoint, name, logins, held: Mutex::new(None) }
    }

    /// Returns a name to suggest: the person's user name on this computer.
    #[must_use]
    pub fn suggestion(&self) -> String {
        let user = std::env::var("USER").unwrap_or_default();
        let name = UserName::parse(&user).ok().filter(|name| !name.is_reserved());
        name.map_or(String::new(), |name| name.to_string())
    }

    /// Returns the options to start the client with.
    #[must_use]
    pub fn options(&self) -> Options {
        Options {
            endpoint: self.endpoint.clone(),
            token: self.token(),
            name: self.name.clone(),
            program: PROGRAM.to_owned(),
            journal: None,
            journal_at: None,
            waiting: Vec::new(),
            cursors: Cursors::default(),
        }
    }

    /// Like [`Identity::options`], with a journal so that messages outlive this program, or the reason why there is
    /// none.
    #[must_use]
    pub fn options_with_journal(&self) -> (Options, Option<std::io::Error>) {
        let Opened { journal, waiting } = self.logins.journal(&self.name.clone().unwrap_or_default());
        let (journal, problem) = match journal {
            Ok(journal) => (Some(journal), None),
            Err(e) => (None, Some(e)),
        };
        (Options { journal, journal_at: self.outbox().ok(), waiting, ..self.options() }, problem)
    }

    /// Returns the path beside which unsent messages are stored.
    ///
    /// # Errors
    /// If nothing can be stored.
    pub fn outbox(&self) -> std::io::Result<PathBuf> {
        self.logins.outbox(self.name.as_deref().unwrap_or_default())
    }

    /// Returns the user's token.
    #[must_use]
    pub fn token(&self) -> Option<Token> {
        let held = self.held.lock().clone();
        held.or_else(|| self.logins.token(self.name.as_deref()?))
    }

    /// Returns a client for the server's accounts.
    #[must_use]
    pub fn accounts(&self) -> Accounts {
        Accounts::new(self.endpoint.clone(), PROGRAM.to_owned())
    }

    /// Returns a client for the server's files, if there is a token.
    #[must_use]
    pub fn files(&self) -> Option<Files> {
        Some(Files::new(self.endpoint.clone(), PROGRAM.to_owned(), self.token()?))
    }

    /// Returns the folder for opened files.
    ///
    /// # Errors
    /// If there is no such folder.
    pub fn opened(&self) -> std::io::Result<PathBuf> {
        self.logins.opened()
    }

    /// Deletes the stored login.
    ///
    /// # Errors
    /// If it cannot be deleted.
    pub fn forget(&self) -> std::io::Result<()> {
        *self.held.lock() = None;
        self.name.as_deref().map_or(Ok(()), |name| self.logins.forget(name))
    }

    /// Stores the identity that the server confirmed. For this run it holds in any case.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn keep(&self, name: &str, token: &Token) -> std::io::Result<()> {
        *self.held.lock() = Some(token.clone());
        self.logins.keep(self.name.as_deref(), name, token)
    }
}
