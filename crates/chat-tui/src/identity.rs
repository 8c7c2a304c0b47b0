//! Who uses which server, and where that is kept.

use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use chat_client::accounts::Accounts;
use chat_client::cursors::Cursors;
use chat_client::files::Files;
use chat_client::journal::Opened;
use chat_client::{Endpoint, Options};
use chat_proto::{Token, UserName};

use crate::logins::Logins;

/// What the program calls itself.
const PROGRAM: &str = concat!("chat-tui/", env!("CARGO_PKG_VERSION"));

/// Who one is at which server, and where that is kept.
pub struct Identity {
    /// The server.
    pub endpoint: Endpoint,
    /// The name, where it is known.
    pub name: Option<String>,
    logins: Logins,
    /// The token that the server gave last, which may not be on the disk.
    held: Mutex<Option<Token>>,
}

impl Identity {
    /// Who uses `endpoint` under `name`, or else under the name that was used last. `state_dir` is the folder to keep
    /// logins and messages in, if it is not the usual one.
    #[must_use]
    pub fn new(endpoint: Endpoint, name: Option<String>, state_dir: Option<PathBuf>) -> Self {
        let logins = Logins::open(state_dir, &endpoint);
        let name = name.or_else(|| logins.last_name());
        Self { endpoint, name, logins, held: Mutex::new(None) }
    }

    /// A name to suggest where one is asked for: the system's for the person.
    #[must_use]
    pub fn suggestion(&self) -> String {
        let user = std::env::var("USER").unwrap_or_default();
        let name = UserName::parse(&user).ok().filter(|name| !name.is_reserved());
        name.map_or(String::new(), |name| name.to_string())
    }

    /// What to start the client with.
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

    /// The same with a journal: messages outlive this program, or it is told why they do not.
    #[must_use]
    pub fn options_with_journal(&self) -> (Options, Option<std::io::Error>) {
        let Opened { journal, waiting } = self.logins.journal(&self.name.clone().unwrap_or_default());
        let (journal, problem) = match journal {
            Ok(journal) => (Some(journal), None),
            Err(e) => (None, Some(e)),
        };
        (Options { journal, journal_at: self.outbox().ok(), waiting, ..self.options() }, problem)
    }

    /// Beside what the messages are kept that wait.
    ///
    /// # Errors
    /// Where nothing can be kept.
    pub fn outbox(&self) -> std::io::Result<PathBuf> {
        self.logins.outbox(self.name.as_deref().unwrap_or_default())
    }

    /// The token of who one is.
    #[must_use]
    pub fn token(&self) -> Option<Token> {
        let held = self.held.lock().unwrap_or_else(PoisonError::into_inner).clone();
        held.or_else(|| self.logins.token(self.name.as_deref()?))
    }

    /// The accounts of the server.
    #[must_use]
    pub fn accounts(&self) -> Accounts {
        Accounts::new(self.endpoint.clone(), PROGRAM.to_owned())
    }

    /// The files of the server, for who one is.
    #[must_use]
    pub fn files(&self) -> Option<Files> {
        Some(Files::new(self.endpoint.clone(), PROGRAM.to_owned(), self.token()?))
    }

    /// Where files are kept that were opened.
    ///
    /// # Errors
    /// Where there is no folder for them.
    pub fn opened(&self) -> std::io::Result<PathBuf> {
        self.logins.opened()
    }

    /// Deletes the login of who one is.
    ///
    /// # Errors
    /// Where it cannot be deleted.
    pub fn forget(&self) -> std::io::Result<()> {
        *self.held.lock().unwrap_or_else(PoisonError::into_inner) = None;
        self.name.as_deref().map_or(Ok(()), |name| self.logins.forget(name))
    }

    /// Keeps who one turned out to be, for this run in any case.
    ///
    /// # Errors
    /// Where it cannot be written.
    pub fn keep(&self, name: &str, token: &Token) -> std::io::Result<()> {
        *self.held.lock().unwrap_or_else(PoisonError::into_inner) = Some(token.clone());
        self.logins.keep(self.name.as_deref(), name, token)
    }
}
