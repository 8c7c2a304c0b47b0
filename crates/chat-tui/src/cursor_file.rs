//! The cursor file: stores how far a `tail` got, so that the next one continues from there.

use std::io;
use std::path::PathBuf;
use std::time::Duration;

use chat_proto::{Millis, Seq};
use serde::{Deserialize, Serialize};
use tokio::time::Instant;

use crate::exit::complain;
use crate::logins;

/// The minimum time between two writes of the file.
const EVERY: Duration = Duration::from_secs(1);

/// How far a `tail` got.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Checkpoint {
    /// The server's address.
    pub(crate) server: String,
    /// The epoch that the seq belongs to.
    pub(crate) log: String,
    /// The room's name.
    pub(crate) room: String,
    /// The last event that was written to standard output.
    pub(crate) seq: Seq,
    /// That event's time. 0 if none was written yet.
    #[serde(default)]
    pub(crate) at: Millis,
}

/// A cursor file.
pub(crate) struct CursorFile {
    file: PathBuf,
    server: String,
    /// The checkpoint in the file.
    kept: Checkpoint,
    /// When it may be written again.
    next: Instant,
    has_failed: bool,
}

impl CursorFile {
    pub(crate) fn new(file: PathBuf, server: String) -> Self {
        Self { file, server, kept: Checkpoint::default(), next: Instant::now(), has_failed: false }
    }

    /// Reads the stored checkpoint. Returns `None` if there is no file yet.
    ///
    /// # Errors
    /// A sentence, if the file is about something else and must not be overwritten.
    pub(crate) fn read(&self, room: Option<&str>) -> Result<Option<Checkpoint>, String> {
        let file = self.file.display();
        let text = match std::fs::read_to_string(&self.file) {
            Ok(text) => text,
            Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(e) => return Err(format!("The cursor file {file} cannot be read: {e}.")),
        };
        let checkpoint: Checkpoint = serde_json::from_str(&text).map_err(|_| {
            format!("{file} is not a cursor file. Choose another file for --cursor, or delete this one.")
        })?;
        if checkpoint.server != self.server || room.is_some_and(|room| room != checkpoint.room) {
            let Checkpoint { room, server, .. } = checkpoint;
            return Err(format!(
                "The cursor file {file} is for #{room} at {server}. Use one file for each room."
            ));
        }
        Ok(Some(checkpoint))
    }

    /// Returns when a checkpoint must be written, if it is not stored yet.
    pub(crate) fn due(&self, checkpoint: &Checkpoint) -> Option<Instant> {
        (*checkpoint != self.kept).then_some(self.next)
    }

    /// Writes the checkpoint atomically. A failure is only reported once: the next start repeats a few more events.
    pub(crate) fn keep(&mut self, checkpoint: &Checkpoint) {
        self.next = Instant::now() + EVERY;
        match self.try_keep(checkpoint) {
            Ok(()) => self.has_failed = false,
            Err(e) if !self.has_failed => {
                self.has_failed = true;
                complain(&format!("the cursor file {} cannot be written: {e}", self.file.display()));
            }
            Err(_) => {}
        }
    }

    /// Like [`CursorFile::keep`], at the start, where a failure is an error.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub(crate) fn try_keep(&mut self, checkpoint: &Checkpoint) -> io::Result<()> {
        let checkpoint = Checkpoint { server: self.server.clone(), ..checkpoint.clone() };
        if checkpoint != self.kept {
            logins::write(&self.file, &serde_json::to_string(&checkpoint)?)?;
            self.kept = checkpoint;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_about_something_else_is_refused_and_left_alone() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("cursor");
        let keeper = |server: &str| CursorFile::new(file.clone(), server.to_owned());
        assert_eq!(keeper("http://a").read(None), Ok(None));
        let checkpoint = Checkpoint {
            log: "L".into(),
            room: "dev".into(),
            seq: Seq(7),
            at: Millis(70),
            ..Checkpoint::default()
        };
        keeper("http://a").try_keep(&checkpoint).unwrap();
        let kept = Checkpoint { server: "http://a".into(), ..checkpoint };
        assert_eq!(keeper("http://a").read(Some("dev")), Ok(Some(kept.clone())));
        assert_eq!(keeper("http://a").read(None), Ok(Some(kept)));
        assert!(keeper("http://a").read(Some("ops")).unwrap_err().contains("#dev"));
        assert!(keeper("http://b").read(Some("dev")).unwrap_err().contains("http://a"));
        std::fs::write(&file, "a shopping list").unwrap();
        assert!(keeper("http://a").read(None).unwrap_err().contains("not a cursor file"));
    }
}
