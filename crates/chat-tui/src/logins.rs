//! The files of the program: who one is at each server, and what is still to be sent. In a folder that nobody
//! else may read.

use std::io::Write;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use anyhow::Context;
use chat_client::outbox::Entry;
use chat_client::{Endpoint, Journal};
use chat_proto::Token;
use etcetera::BaseStrategy;

/// The folder for one server.
#[derive(Clone, Debug)]
pub struct Logins {
    folder: PathBuf,
}

impl Logins {
    /// The folder for `endpoint`, under `state` or else where the system keeps such things.
    ///
    /// # Errors
    /// Where it cannot be made.
    pub fn open(state: Option<PathBuf>, endpoint: &Endpoint) -> anyhow::Result<Self> {
        let state = match state {
            Some(state) => state,
            None => {
                let base = etcetera::choose_base_strategy().context("there is no home folder")?;
                base.state_dir().unwrap_or_else(|| base.data_dir()).join("chat-tui")
            }
        };
        let folder = state.join(endpoint.authority());
        std::fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(&folder)
            .with_context(|| format!("the folder {} cannot be made", folder.display()))?;
        Ok(Self { folder })
    }

    /// The folder for files that were opened.
    #[must_use]
    pub fn opened(&self) -> PathBuf {
        self.folder.join("opened")
    }

    /// The name used last.
    #[must_use]
    pub fn last_name(&self) -> Option<String> {
        read(&self.folder.join("last"))
    }

    /// The token of `name`.
    #[must_use]
    pub fn token(&self, name: &str) -> Option<Token> {
        read(&self.file(name, "token")).map(Token::new)
    }

    /// Keeps who one is. `asked` is the name one asked for, which the server may have folded.
    ///
    /// # Errors
    /// Where it cannot be written.
    pub fn keep(&self, asked: Option<&str>, name: &str, token: &Token) -> std::io::Result<()> {
        for name in [Some(name), asked].into_iter().flatten() {
            write(&self.file(name, "token"), token.expose())?;
        }
        write(&self.folder.join("last"), name)
    }

    /// Deletes the token of `name`.
    ///
    /// # Errors
    /// Where it cannot be deleted.
    pub fn forget(&self, name: &str) -> std::io::Result<()> {
        match std::fs::remove_file(self.file(name, "token")) {
            Err(e) if e.kind() != std::io::ErrorKind::NotFound => Err(e),
            _ => match std::fs::remove_file(self.folder.join("last")) {
                Err(e) if e.kind() != std::io::ErrorKind::NotFound => Err(e),
                _ => Ok(()),
            },
        }
    }

    /// What `name` still has to send. None where another program has it open: its messages are its own.
    ///
    /// # Errors
    /// Where it cannot be used.
    pub fn journal(&self, name: &str) -> std::io::Result<Option<(Journal, Vec<Entry>)>> {
        match Journal::open(&self.file(name, "outbox")) {
            Ok(open) => Ok(Some(open)),
            Err(e) if e.kind() == std::io::ErrorKind::WouldBlock => Ok(None),
            Err(e) => Err(e),
        }
    }

    /// A file of that name's. Names come from the command line as well, so their bytes are spelled out where
    /// they could mean something to the file system.
    fn file(&self, name: &str, kind: &str) -> PathBuf {
        let plain = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_');
        let safe: String = name
            .to_lowercase()
            .chars()
            .map(|c| if plain(c) { c.to_string() } else { format!("%{:x}", u32::from(c)) })
            .collect();
        self.folder.join(format!("{safe}.{kind}"))
    }
}

fn read(path: &Path) -> Option<String> {
    let text = std::fs::read_to_string(path).ok()?;
    Some(text.trim().to_owned()).filter(|text| !text.is_empty())
}

/// Writes a file whole or not at all.
fn write(path: &Path, text: &str) -> std::io::Result<()> {
    let fresh = path.with_extension(format!("new{}", std::process::id()));
    let mut options = std::fs::OpenOptions::new();
    let mut file = options.write(true).create(true).truncate(true).mode(0o600).open(&fresh)?;
    file.write_all(text.as_bytes())?;
    std::fs::rename(&fresh, path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_name_has_its_own_token_and_nobody_else_can_read_it() {
        use std::os::unix::fs::PermissionsExt;
        let dir = tempfile::tempdir().unwrap();
        let endpoint = Endpoint::parse("http://127.0.0.1:8000").unwrap();
        let logins = Logins::open(Some(dir.path().join("state")), &endpoint).unwrap();
        assert_eq!((logins.last_name(), logins.token("alice")), (None, None));
        logins.keep(Some("Alice"), "alice", &Token::new("A".into())).unwrap();
        logins.keep(Some("../bob"), "bob", &Token::new("B".into())).unwrap();
        assert_eq!(logins.token("ALICE"), Some(Token::new("A".into())));
        assert_eq!(logins.token("bob"), Some(Token::new("B".into())));
        assert_eq!(logins.last_name().as_deref(), Some("bob"));
        let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&logins.folder), 0o700);
        assert_eq!(mode(&logins.file("alice", "token")), 0o600);
        let other =
            Logins::open(Some(dir.path().join("state")), &Endpoint::parse("http://127.0.0.1:1").unwrap())
                .unwrap();
        assert_eq!(other.token("alice"), None);
    }
}
