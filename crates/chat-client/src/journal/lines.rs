//! The format of the files: one JSON object on each line.

use std::collections::{HashMap, HashSet};
use std::io;

use serde::{Deserialize, Serialize};

use chat_proto::updates::Outgoing;

#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Line {
    Added(Outgoing),
    Done { done: String },
}

fn bytes_of(line: &Line) -> io::Result<Vec<u8>> {
    let mut bytes = serde_json::to_vec(line)?;
    bytes.push(b'\n');
    Ok(bytes)
}

pub(super) fn line_of(entry: &Outgoing) -> io::Result<Vec<u8>> {
    bytes_of(&Line::Added(entry.clone()))
}

pub(super) fn done_line(nonce: &str) -> io::Result<Vec<u8>> {
    bytes_of(&Line::Done { done: nonce.to_owned() })
}

/// What was read from several files.
#[derive(Default)]
pub(super) struct Lines {
    entries: Vec<Outgoing>,
    /// Each message's position in the list, by its key.
    places: HashMap<String, usize>,
    done: HashSet<String>,
}

impl Lines {
    /// Reads a file. A line that cannot be read is skipped, whatever bytes it contains.
    pub(super) fn read(&mut self, bytes: &[u8]) {
        for line in bytes.split(|byte| *byte == b'\n') {
            // A file that grew without its bytes reaching the disk has zeros there.
            let start = line.iter().position(|byte| *byte != 0).unwrap_or(line.len());
            match serde_json::from_slice(&line[start..]) {
                Ok(Line::Added(entry)) => self.add(entry),
                Ok(Line::Done { done }) => {
                    self.done.insert(done);
                }
                Err(_) => {}
            }
        }
    }

    fn add(&mut self, entry: Outgoing) {
        match self.places.get(&entry.nonce).and_then(|at| self.entries.get_mut(*at)) {
            // A message that had no room may have one now.
            Some(known) if known.room.is_empty() => *known = entry,
            Some(_) => {}
            None => {
                self.places.insert(entry.nonce.clone(), self.entries.len());
                self.entries.push(entry);
            }
        }
    }

    pub(super) fn waiting(self) -> Vec<Outgoing> {
        let Self { entries, done, .. } = self;
        entries.into_iter().filter(|entry| !done.contains(&entry.nonce)).collect()
    }
}
