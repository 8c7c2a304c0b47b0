//! An outbox on disk: a file of lines, one for each message that was added and one for each that is done.
//! Empty again as soon as nothing waits.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{BufRead, BufReader, Seek, Write};
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::outbox::Entry;

#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Line {
    Added(Entry),
    Done { done: String },
}

/// The open file. Nothing of it is ever needed by another program, so it is locked.
#[derive(Debug)]
pub struct Journal {
    file: File,
    waiting: usize,
}

impl Journal {
    /// Opens or makes the file, readable by its owner alone, and answers what still waits in it.
    /// Lines that a crash left half written are passed over.
    ///
    /// # Errors
    /// Where it cannot be used, with `WouldBlock` where another program uses it.
    pub fn open(path: &Path) -> std::io::Result<(Self, Vec<Entry>)> {
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.open(path)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(std::io::ErrorKind::WouldBlock.into()),
            Err(TryLockError::Error(e)) => return Err(e),
        }
        let mut entries: Vec<Entry> = Vec::new();
        for line in BufReader::new(&file).lines() {
            match serde_json::from_str(&line?) {
                Ok(Line::Added(entry)) => entries.push(entry),
                Ok(Line::Done { done }) => entries.retain(|entry| entry.nonce != done),
                Err(_) => {}
            }
        }
        let mut journal = Self { file, waiting: 0 };
        journal.clear()?;
        for entry in &entries {
            journal.added(entry)?;
        }
        Ok((journal, entries))
    }

    /// A message waits from now on.
    ///
    /// # Errors
    /// Where it cannot be written.
    pub fn added(&mut self, entry: &Entry) -> std::io::Result<()> {
        self.waiting += 1;
        self.write(&Line::Added(entry.clone()))
    }

    /// A message waits no more.
    ///
    /// # Errors
    /// Where it cannot be written.
    pub fn done(&mut self, nonce: &str) -> std::io::Result<()> {
        self.waiting = self.waiting.saturating_sub(1);
        if self.waiting == 0 { self.clear() } else { self.write(&Line::Done { done: nonce.to_owned() }) }
    }

    fn clear(&mut self) -> std::io::Result<()> {
        self.file.set_len(0)?;
        self.file.rewind()
    }

    fn write(&mut self, line: &Line) -> std::io::Result<()> {
        let mut bytes = serde_json::to_vec(line)?;
        bytes.push(b'\n');
        self.file.write_all(&bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(nonce: &str) -> Entry {
        Entry { nonce: nonce.into(), room: "general".into(), text: "a\nb".into(), ..Entry::default() }
    }

    #[test]
    fn what_was_not_done_is_there_again() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("outbox");
        let (mut journal, waiting) = Journal::open(&path).unwrap();
        assert_eq!(waiting, []);
        assert_eq!(Journal::open(&path).unwrap_err().kind(), std::io::ErrorKind::WouldBlock);
        for nonce in ["1", "2", "3"] {
            journal.added(&entry(nonce)).unwrap();
        }
        journal.done("2").unwrap();
        journal.file.write_all(b"{\"nonce\":\"half").unwrap();
        drop(journal);
        let (mut journal, waiting) = Journal::open(&path).unwrap();
        assert_eq!(waiting, [entry("1"), entry("3")]);
        journal.done("1").unwrap();
        journal.done("3").unwrap();
        assert_eq!(std::fs::metadata(&path).unwrap().len(), 0);
    }
}
