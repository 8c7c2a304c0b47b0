//! Closes the data folder to other users of the machine, whatever its permissions were.

use std::fs::Permissions;
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

/// The permission bits of other users.
const OTHERS: u32 = 0o077;

/// The sticky bit: in a folder that everyone may write to, only a file's owner may remove it.
const STICKY: u32 = 0o1000;

/// Removes all permissions of other users from the folder and its contents.
///
/// If the folder belongs to someone else, as container volumes often do, or is a shared one such as `/tmp`, this
/// warns and continues: our own files in it are closed all the same, and a server that does not start protects
/// nobody.
pub(super) fn close(folder: &Path) {
    let mut walk = Walk::default();
    let was_open = if is_shared(folder) {
        walk.failure = Some(io::Error::other("others have files there"));
        true
    } else {
        walk.close(folder)
    };
    walk.inside(folder, was_open);
    if walk.closed > 0 {
        tracing::info!(
            files = walk.closed,
            "other users of this machine could read the data folder; closed it to them"
        );
    }
    if let Some(e) = walk.failure {
        tracing::warn!(
            folder = %folder.display(),
            error = %e,
            "other users of this machine can read or change the data folder, and it cannot be closed to them: make it the server's own, with mode 0700"
        );
    }
}

/// Whether the server must not close this folder, although it opened it: the folder's permissions say that it is
/// shared, or this is the first start in a folder that has other things in it.
fn is_shared(folder: &Path) -> bool {
    let mode = std::fs::metadata(folder).map_or(0, |found| found.permissions().mode());
    let is_ours = |name: &std::ffi::OsStr| {
        name == "files" || name == "lost+found" || name.as_encoded_bytes().starts_with(b"chat.")
    };
    let has_others = || {
        let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
        !folder.join("chat.db").exists() && entries.into_iter().any(|entry| !is_ours(&entry.file_name()))
    };
    mode & OTHERS != 0 && (mode & STICKY != 0 || has_others())
}

#[derive(Default)]
struct Walk {
    closed: usize,
    failure: Option<io::Error>,
}

impl Walk {
    /// Closes one file or folder. Returns whether it was open to others.
    fn close(&mut self, path: &Path) -> bool {
        let done = std::fs::metadata(path).and_then(|found| {
            let mode = found.permissions().mode();
            if mode & OTHERS == 0 {
                return Ok(false);
            }
            std::fs::set_permissions(path, Permissions::from_mode(mode & 0o7777 & !OTHERS))?;
            Ok(true)
        });
        match done {
            Ok(was_open) => {
                self.closed += usize::from(was_open);
                was_open
            }
            Err(e) if e.kind() == io::ErrorKind::NotFound => false,
            Err(e) => {
                self.failure.get_or_insert(e);
                true
            }
        }
    }

    /// Closes the files in the data folder. There can be very many contents, so they are only visited if others could
    /// have reached them.
    fn inside(&mut self, folder: &Path, was_open: bool) {
        for name in [
            "chat.db",
            "chat.db-wal",
            "chat.db-shm",
            "chat.db-journal",
            "chat.db.new",
            "chat.lock",
            "chat.sock",
        ] {
            self.close(&folder.join(name));
        }
        let files = folder.join("files");
        if self.close(&files) || was_open {
            self.below(&files);
        }
    }

    fn below(&mut self, folder: &Path) {
        let Ok(entries) = std::fs::read_dir(folder) else { return };
        for entry in entries.flatten() {
            match entry.file_type() {
                Ok(kind) if kind.is_dir() => {
                    self.close(&entry.path());
                    self.below(&entry.path());
                }
                Ok(kind) if kind.is_file() => {
                    self.close(&entry.path());
                }
                _ => {}
            }
        }
    }
}
