//! The program's files: the identity at each server, and unsent messages. They are in a folder that only its owner
//! can read.

use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use chat_client::journal::Opened;
use chat_client::{Endpoint, Journal};
use chat_proto::Token;
use etcetera::BaseStrategy;

/// The folder for one server.
#[derive(Clone, Debug)]
pub struct Logins {
    /// The folder, or why nothing can be stored there.
    folder: Result<PathBuf, String>,
}

impl Logins {
    /// Opens the folder for `endpoint`, under `state` or else the system's default. If it cannot be created, nothing
    /// is read, and writing fails with the reason.
    #[must_use]
    pub fn open(state: Option<PathBuf>, endpoint: &Endpoint) -> Self {
        let state = state.map_or_else(system_s, Ok);
        let folder = state.and_then(|state| {
            let folder = state.join(folder_name(endpoint));
            adopt(&state, endpoint, &folder);
            let made = std::fs::DirBuilder::new().recursive(true).mode(0o700).create(&folder);
            let why = |e: io::Error| format!("{}: {} (see --state-dir)", state.display(), e.kind());
            made.map(|()| folder).map_err(why)
        });
        Self { folder }
    }

    fn folder(&self) -> io::Result<&Path> {
        self.folder.as_deref().map_err(|why| io::Error::other(why.clone()))
    }

    /// Returns the folder for opened files.
    ///
    /// # Errors
    /// If there is none.
    pub fn opened(&self) -> io::Result<PathBuf> {
        Ok(self.folder()?.join("opened"))
    }

    /// Returns the name that was used last.
    #[must_use]
    pub fn last_name(&self) -> Option<String> {
        read(&self.folder().ok()?.join("last"))
    }

    /// Returns the token of `name`.
    #[must_use]
    pub fn token(&self, name: &str) -> Option<Token> {
        read(&self.file(name, "token").ok()?).map(Token::new)
    }

    /// Stores a login. `asked` is the name that was requested, which the server may have folded.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn keep(&self, asked: Option<&str>, name: &str, token: &Token) -> std::io::Result<()> {
        let folder = self.folder()?;
        let why = |e: io::Error| {
            io::Error::new(e.kind(), format!("{}: {} (see --state-dir)", folder.display(), e.kind()))
        };
        for name in [Some(name), asked].into_iter().flatten() {
            write_if_new(&self.file(name, "token")?, token.expose()).map_err(why)?;
        }
        write_if_new(&folder.join("last"), name).map_err(why)
    }

    /// Deletes the token of `name`.
    ///
    /// # Errors
    /// If it cannot be deleted.
    pub fn forget(&self, name: &str) -> io::Result<()> {
        for path in [self.file(name, "token")?, self.folder()?.join("last")] {
            match std::fs::remove_file(path) {
                Err(e) if e.kind() != io::ErrorKind::NotFound => return Err(e),
                _ => {}
            }
        }
        Ok(())
    }

    /// Returns the path beside which unsent messages of `name` are stored.
    ///
    /// # Errors
    /// If nothing can be stored.
    pub fn outbox(&self, name: &str) -> io::Result<PathBuf> {
        self.file(name, "outbox")
    }

    /// Opens the journal with the unsent messages of `name`.
    #[must_use]
    pub fn journal(&self, name: &str) -> Opened {
        match self.outbox(name) {
            Ok(path) => Journal::open(&path),
            Err(e) => Opened { journal: Err(e), waiting: Vec::new() },
        }
    }

    /// Returns the path of a file that belongs to a name. Names also come from the command line, so bytes that could
    /// mean something to the file system are escaped.
    fn file(&self, name: &str, kind: &str) -> io::Result<PathBuf> {
        let plain = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_');
        let safe: String = name
            .to_lowercase()
            .chars()
            .map(|c| if plain(c) { c.to_string() } else { format!("%{:x}", u32::from(c)) })
            .collect();
        Ok(self.folder()?.join(format!("{safe}.{kind}")))
    }
}

/// Returns the name of a server's folder. It includes the scheme, so that a token that came over TLS is never sent in
/// clear.
fn folder_name(endpoint: &Endpoint) -> String {
    let scheme = if endpoint.is_tls() { "https" } else { "http" };
    format!("{scheme}+{}", endpoint.authority())
}

/// Takes over the folder of an earlier version, whose name has no scheme, if the endpoint uses TLS or is this
/// computer. Elsewhere a plain connection could reveal a token that came over TLS.
fn adopt(state: &Path, endpoint: &Endpoint, folder: &Path) {
    if (endpoint.is_tls() || endpoint.is_loopback()) && !folder.exists() {
        // Usually there is none. If it cannot be moved, the program asks for the name again.
        let _ = std::fs::rename(state.join(endpoint.authority()), folder);
    }
}

/// Returns the system's folder for application state.
fn system_s() -> Result<PathBuf, String> {
    let base = etcetera::choose_base_strategy()
        .map_err(|_| "there is no home folder (see --state-dir)".to_owned())?;
    Ok(base.state_dir().unwrap_or_else(|| base.data_dir()).join("chat-tui"))
}

fn read(path: &Path) -> Option<String> {
    let text = std::fs::read_to_string(path).ok()?;
    Some(text.trim().to_owned()).filter(|text| !text.is_empty())
}

/// Writes a file unless it already has this text, so that existing logins also work in a read-only folder.
fn write_if_new(path: &Path, text: &str) -> io::Result<()> {
    if read(path).as_deref() == Some(text) { Ok(()) } else { write(path, text) }
}

/// Writes a file atomically and syncs it to disk.
///
/// # Errors
/// If it cannot be written.
pub(crate) fn write(path: &Path, text: &str) -> io::Result<()> {
    let fresh = path.with_extension(format!("new{}", std::process::id()));
    let mut options = std::fs::OpenOptions::new();
    let mut file = options.write(true).create(true).truncate(true).mode(0o600).open(&fresh)?;
    let written = file.write_all(text.as_bytes()).and_then(|()| file.sync_all());
    if let Err(e) = written.and_then(|()| std::fs::rename(&fresh, path)) {
        // Remove the incomplete file.
        let _ = std::fs::remove_file(&fresh);
        return Err(e);
    }
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    std::fs::File::open(folder.unwrap_or(Path::new(".")))?.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_name_has_its_own_token_and_nobody_else_can_read_it() {
        use std::os::unix::fs::PermissionsExt;
        let dir = tempfile::tempdir().unwrap();
        let endpoint = Endpoint::parse("http://127.0.0.1:8000").unwrap();
        let logins = Logins::open(Some(dir.path().join("state")), &endpoint);
        assert_eq!((logins.last_name(), logins.token("alice")), (None, None));
        logins.keep(Some("Alice"), "alice", &Token::new("A".into())).unwrap();
        logins.keep(Some("../bob"), "bob", &Token::new("B".into())).unwrap();
        assert_eq!(logins.token("ALICE"), Some(Token::new("A".into())));
        assert_eq!(logins.token("bob"), Some(Token::new("B".into())));
        assert_eq!(logins.last_name().as_deref(), Some("bob"));
        let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(logins.folder().unwrap()), 0o700);
        assert_eq!(mode(&logins.file("alice", "token").unwrap()), 0o600);
        let other =
            Logins::open(Some(dir.path().join("state")), &Endpoint::parse("http://127.0.0.1:1").unwrap());
        assert_eq!(other.token("alice"), None);
    }

    #[test]
    fn a_token_that_came_over_tls_never_goes_out_in_clear() {
        let dir = tempfile::tempdir().unwrap();
        let open = |url: &str| Logins::open(Some(dir.path().to_owned()), &Endpoint::parse(url).unwrap());
        for (tls, clear) in [
            ("https://chat.example.org:8443", "http://chat.example.org:8443"),
            ("https://192.168.1.1:1", "ws://192.168.1.1:1"),
            ("wss://box", "box"),
            ("https://localhost:1", "localhost:1"),
        ] {
            open(tls).keep(None, "alice", &Token::new("S".into())).unwrap();
            assert_eq!(open(tls).token("alice"), Some(Token::new("S".into())));
            assert_eq!((open(clear).token("alice"), open(clear).last_name()), (None, None), "{clear}");
        }
    }

    #[test]
    fn what_an_earlier_version_kept_is_taken_over_where_nobody_can_listen() {
        for (url, taken) in [
            ("https://chat.example.org:8443", true),
            ("http://127.0.0.1:8000", true),
            ("http://chat.example.org:8443", false),
            ("http://192.168.1.1:8000", false),
        ] {
            let dir = tempfile::tempdir().unwrap();
            let endpoint = Endpoint::parse(url).unwrap();
            let old = dir.path().join(endpoint.authority());
            std::fs::create_dir(&old).unwrap();
            std::fs::write(old.join("alice.token"), "T").unwrap();
            let logins = Logins::open(Some(dir.path().to_owned()), &endpoint);
            assert_eq!(logins.token("alice").is_some(), taken, "{url}");
        }
    }

    #[test]
    fn without_a_folder_nothing_is_kept_and_the_reason_is_told() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("file");
        std::fs::write(&file, "").unwrap();
        let logins =
            Logins::open(Some(file.join("state")), &Endpoint::parse("http://127.0.0.1:8000").unwrap());
        assert_eq!((logins.last_name(), logins.token("alice")), (None, None));
        let told = logins.keep(None, "alice", &Token::new("A".into())).unwrap_err().to_string();
        assert!(told.contains("--state-dir"), "{told}");
        assert_eq!(logins.journal("alice").journal.unwrap_err().to_string(), told);
    }
}
