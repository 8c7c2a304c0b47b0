//! Writes the outbox's copy on disk without blocking the connection's task: a slow disk must not hold up the screen.

use std::path::PathBuf;

use tokio::task::spawn_blocking;

use crate::journal::Journal;
use chat_proto::updates::Outgoing;
use chat_proto::updates::Update;

/// The journal, and what could not be written to it yet.
pub(super) struct Keeping {
    journal: Option<Journal>,
    /// Where to create the journal if that failed at the start.
    base: Option<PathBuf>,
    unsaved: Vec<Outgoing>,
    /// Messages that were sent while there was no journal. They may be in a file that is adopted later.
    done: Vec<String>,
    is_lost: bool,
}

impl Keeping {
    pub(super) fn new(journal: Option<Journal>, base: Option<PathBuf>) -> Self {
        let is_lost = journal.is_none();
        Self { journal, base, unsaved: Vec::new(), done: Vec::new(), is_lost }
    }

    /// Adds a message that waits to be sent.
    pub(super) async fn add(&mut self, entry: Outgoing) -> Vec<Update> {
        if self.journal.is_none() && self.base.is_none() {
            return Vec::new();
        }
        self.unsaved.push(entry);
        self.flush().await
    }

    /// Removes a message that no longer waits.
    pub(super) async fn done(&mut self, nonce: &str) -> Vec<Update> {
        self.unsaved.retain(|entry| entry.nonce != nonce);
        if self.journal.is_none() {
            self.done.push(nonce.to_owned());
            return Vec::new();
        }
        let done = nonce.to_owned();
        // If the removal cannot be written, the message is sent again at the next start, under the same key.
        self.write(move |journal| drop(journal.done(&done))).await;
        if self.is_lost { self.flush().await } else { Vec::new() }
    }

    /// Writes what could not be written before.
    pub(super) async fn flush(&mut self) -> Vec<Update> {
        if self.journal.is_none() && !self.open().await {
            return Vec::new();
        }
        let entries = std::mem::take(&mut self.unsaved);
        let write = move |journal: &mut Journal| {
            let mut left = entries.into_iter();
            let mut updates = Vec::new();
            while let Some(entry) = left.next() {
                match journal.added(&entry) {
                    Ok(()) => updates.push(Update::Kept { nonce: entry.nonce }),
                    Err(e) => {
                        return (updates, std::iter::once(entry).chain(left).collect(), Some(e.to_string()));
                    }
                }
            }
            (updates, Vec::new(), None)
        };
        let gone = || (Vec::new(), Vec::new(), Some("the file could not be written".to_owned()));
        let (mut updates, left, failed) = self.write(write).await.unwrap_or_else(gone);
        self.unsaved = left;
        let was_lost = std::mem::replace(&mut self.is_lost, failed.is_some());
        match failed {
            Some(why) if !was_lost => updates.push(Update::JournalLost(why)),
            None if was_lost => updates.push(Update::JournalBack),
            _ => {}
        }
        updates
    }

    /// Creates the journal if that failed before. Returns `false` if it still fails, which was reported.
    async fn open(&mut self) -> bool {
        let (Some(base), done) = (self.base.clone(), std::mem::take(&mut self.done)) else { return false };
        let open = move || {
            // The messages that it adopts are on their way already, or another window's and sent at the next start.
            let journal = Journal::open(&base).journal.map(|mut journal| {
                done.iter().for_each(|nonce| drop(journal.done(nonce)));
                journal
            });
            journal.map_err(|_| done)
        };
        match spawn_blocking(open).await {
            Ok(Ok(journal)) => self.journal = Some(journal),
            Ok(Err(done)) => self.done = done,
            Err(_) => {}
        }
        self.journal.is_some()
    }

    /// From now on keeps the messages under another name.
    pub(super) async fn move_to(&mut self, base: PathBuf) {
        self.base = self.base.as_ref().map(|_| base.clone());
        // If that fails, they stay under the former name and are sent when that name connects.
        self.write(move |journal| drop(journal.move_to(&base))).await;
    }

    async fn write<T: Send + 'static>(
        &mut self,
        work: impl FnOnce(&mut Journal) -> T + Send + 'static,
    ) -> Option<T> {
        let mut journal = self.journal.take()?;
        let written = spawn_blocking(move || {
            let done = work(&mut journal);
            (journal, done)
        });
        let (journal, done) = written.await.ok()?;
        self.journal = Some(journal);
        Some(done)
    }
}
