//! The journal: an outbox on disk. Each running program has its own file of lines, one for each message that is added
//! and one for each that is done. The next start adopts files that no program holds: it first writes and syncs their
//! waiting messages to its own file and then removes them. After a crash a message may be in two files, which is
//! harmless because of its idempotency key.

mod disk;
mod lines;

use std::collections::HashSet;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use self::lines::{Lines, line_of};
use crate::nonce;
use chat_proto::updates::Outgoing;

/// What opening a journal found.
#[derive(Debug)]
pub struct Opened {
    /// The journal for messages from now on, or why there can be none.
    pub journal: io::Result<Journal>,
    /// The messages that still wait, in the order in which they were written.
    pub waiting: Vec<Outgoing>,
}

/// This program's file. No other program adopts it while it is locked.
#[derive(Debug)]
pub struct Journal {
    path: PathBuf,
    file: File,
    /// The length of the complete lines in the file.
    len: u64,
    waiting: HashSet<String>,
}

impl Journal {
    /// Adopts the waiting messages in `path` and in the files beside it whose names begin with that name and a dot,
    /// and creates a new file there, which only its owner can read. Lines that a crash damaged are skipped.
    #[must_use]
    pub fn open(path: &Path) -> Opened {
        let left = match disk::unheld(path) {
            Ok(left) => left,
            Err(e) => return Opened { journal: Err(e), waiting: Vec::new() },
        };
        let mut lines = Lines::default();
        let read = left.iter().try_for_each(|(_, file)| disk::read(file).map(|bytes| lines.read(&bytes)));
        let waiting = lines.waiting();
        let journal = read.and_then(|()| Self::create(path, &waiting)).inspect(|_| {
            // A file that cannot be removed is sent again at the next start, under the same keys.
            let _ = left.iter().try_for_each(|(path, _)| disk::remove(path));
        });
        Opened { journal, waiting }
    }

    /// Creates a file that holds `waiting`, synced to disk.
    fn create(base: &Path, waiting: &[Outgoing]) -> io::Result<Self> {
        let (path, file) = disk::create_beside(base, nonce::new)?;
        let mut journal = Self { path, file, len: 0, waiting: HashSet::new() };
        let bytes: Vec<u8> = waiting.iter().map(line_of).collect::<io::Result<Vec<_>>>()?.concat();
        journal.append(&bytes)?;
        disk::sync(&journal.file)?;
        disk::sync_folder(base)?;
        journal.waiting.extend(waiting.iter().map(|entry| entry.nonce.clone()));
        Ok(journal)
    }

    /// Keeps the file beside `base` from now on, because the messages belong to another name.
    ///
    /// # Errors
    /// If the file cannot be moved. It then stays where it was.
    pub fn move_to(&mut self, base: &Path) -> io::Result<()> {
        self.path = disk::rename_beside(&self.path, base, nonce::new)?;
        disk::sync_folder(base)
    }

    /// Adds a waiting message, which is on disk when this returns. A message with the same key replaces the earlier
    /// one.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn added(&mut self, entry: &Outgoing) -> io::Result<()> {
        self.append(&line_of(entry)?)?;
        disk::sync(&self.file)?;
        self.waiting.insert(entry.nonce.clone());
        Ok(())
    }

    /// Notes that a message no longer waits. This is not synced: after a power loss the message is sent again, which
    /// is harmless.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn done(&mut self, nonce: &str) -> io::Result<()> {
        if !self.waiting.remove(nonce) {
            return Ok(());
        }
        if self.waiting.is_empty() {
            disk::cut(&self.file, 0)?;
            self.len = 0;
            return Ok(());
        }
        self.append(&lines::done_line(nonce)?)
    }

    /// Appends complete lines. If that fails, nothing is appended.
    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        // Remove what an earlier failure left behind, which would spoil the line.
        disk::cut(&self.file, self.len)?;
        disk::write_at(&self.file, bytes, self.len)?;
        self.len += bytes.len() as u64;
        Ok(())
    }
}

impl Drop for Journal {
    fn drop(&mut self) {
        if self.waiting.is_empty() {
            // An empty file that stays is removed at the next start.
            let _ = disk::remove(&self.path);
        }
    }
}

#[cfg(test)]
mod tests;
