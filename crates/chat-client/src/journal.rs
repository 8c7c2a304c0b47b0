//! An outbox on disk. Each running program keeps a file of its own, of lines: one for each message that was added and
//! one for each that is done. Files that nobody holds are adopted at the next start: what waits in them is in the new
//! file, and that on disk, before they are removed. A message may be in two files after a crash; its nonce makes that
//! harmless.

mod lines;
mod platter;

use std::collections::HashSet;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use self::lines::{Lines, line_of};
use crate::nonce;
use chat_proto::updates::Outgoing;

/// What was found at the start.
#[derive(Debug)]
pub struct Opened {
    /// Where messages are kept from now on, or why they cannot be.
    pub journal: io::Result<Journal>,
    /// What still waits, in the order it was written.
    pub waiting: Vec<Outgoing>,
}

/// The file of this program, which no other one takes while it is locked.
#[derive(Debug)]
pub struct Journal {
    path: PathBuf,
    file: File,
    /// How much of the file is whole lines.
    len: u64,
    waiting: HashSet<String>,
}

impl Journal {
    /// Adopts what waits in `path` and in the files beside it whose names begin with that and a dot, and makes a new one
    /// there, readable by its owner alone. Lines that a crash left damaged are passed over.
    #[must_use]
    pub fn open(path: &Path) -> Opened {
        let left = match platter::unheld(path) {
            Ok(left) => left,
            Err(e) => return Opened { journal: Err(e), waiting: Vec::new() },
        };
        let mut lines = Lines::default();
        let read = left.iter().try_for_each(|(_, file)| platter::read(file).map(|bytes| lines.read(&bytes)));
        let waiting = lines.waiting();
        let journal = read.and_then(|()| Self::create(path, &waiting)).inspect(|_| {
            // What cannot be removed is sent once more at the next start, under the same nonce.
            let _ = left.iter().try_for_each(|(path, _)| platter::remove(path));
        });
        Opened { journal, waiting }
    }

    /// Makes a file that holds `waiting`, on disk.
    fn create(base: &Path, waiting: &[Outgoing]) -> io::Result<Self> {
        let (path, file) = platter::create_beside(base, nonce::new)?;
        let mut journal = Self { path, file, len: 0, waiting: HashSet::new() };
        let bytes: Vec<u8> = waiting.iter().map(line_of).collect::<io::Result<Vec<_>>>()?.concat();
        journal.append(&bytes)?;
        platter::sync(&journal.file)?;
        platter::sync_folder(base)?;
        journal.waiting.extend(waiting.iter().map(|entry| entry.nonce.clone()));
        Ok(journal)
    }

    /// Keeps the file beside `base` from now on: what waits is another name's.
    ///
    /// # Errors
    /// Where it cannot be moved; it stays where it was then.
    pub fn move_to(&mut self, base: &Path) -> io::Result<()> {
        self.path = platter::rename_beside(&self.path, base, nonce::new)?;
        platter::sync_folder(base)
    }

    /// A message waits from now on; it is on disk when this returns. The same nonce again replaces what it said.
    ///
    /// # Errors
    /// Where it cannot be written.
    pub fn added(&mut self, entry: &Outgoing) -> io::Result<()> {
        self.append(&line_of(entry)?)?;
        platter::sync(&self.file)?;
        self.waiting.insert(entry.nonce.clone());
        Ok(())
    }

    /// A message waits no more. Not synced: after a power loss it is sent once more, which is harmless.
    ///
    /// # Errors
    /// Where it cannot be written.
    pub fn done(&mut self, nonce: &str) -> io::Result<()> {
        if !self.waiting.remove(nonce) {
            return Ok(());
        }
        if self.waiting.is_empty() {
            platter::cut(&self.file, 0)?;
            self.len = 0;
            return Ok(());
        }
        self.append(&lines::done_line(nonce)?)
    }

    /// Adds whole lines; where that fails, nothing is added.
    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        // What an earlier failure left behind would spoil the line.
        platter::cut(&self.file, self.len)?;
        platter::write_at(&self.file, bytes, self.len)?;
        self.len += bytes.len() as u64;
        Ok(())
    }
}

impl Drop for Journal {
    fn drop(&mut self) {
        if self.waiting.is_empty() {
            // An empty file that stays is removed at the next start.
            let _ = platter::remove(&self.path);
        }
    }
}

#[cfg(test)]
mod tests;
