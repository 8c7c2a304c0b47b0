//! What a power loss undoes: reads the library's records and undoes them.

use std::collections::{HashMap, HashSet};
use std::fs::OpenOptions;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use crate::chance::Chance;

/// What is lost of the data that was not synced.
#[derive(Clone, Copy, Debug)]
pub enum Loss {
    /// All of it, including names in folders that were not synced.
    All,
    /// Each `sector` of each write is lost at random: `kept` of a hundred stay. Names stay.
    Torn {
        /// The seed of the random choices.
        seed: u64,
        /// The size of a unit that is written atomically, in bytes.
        sector: u64,
        /// How many sectors of a hundred stay.
        kept: u64,
    },
}

/// The unit in which the page cache writes, in bytes.
const PAGE: u64 = 4096;

/// The sectors that a newer write covers: nothing of an older write must be undone there.
#[derive(Default)]
struct Covered(HashMap<PathBuf, (HashSet<u64>, u64)>);

impl Covered {
    fn has(&self, path: &Path, sector: u64) -> bool {
        self.0.get(path).is_some_and(|(sectors, _)| sectors.contains(&sector))
    }

    fn add(&mut self, path: &Path, sector: u64, end: u64) {
        let (sectors, last) = self.0.entry(path.to_owned()).or_default();
        sectors.insert(sector);
        *last = end.max(*last);
    }

    /// Returns where the last covered sector ends.
    fn end(&self, path: &Path) -> u64 {
        self.0.get(path).map_or(0, |(_, end)| *end)
    }
}

struct Write {
    path: PathBuf,
    offset: u64,
    old_length: u64,
    length: u64,
    old: Vec<u8>,
    is_truncation: bool,
    /// Whether a failed sync has lost it for good.
    is_doomed: bool,
    /// Whether it is durable. It stays here because it may cover a lost write.
    is_synced: bool,
}

enum Name {
    Made(PathBuf),
    Renamed(PathBuf, PathBuf),
}

#[derive(Default)]
struct Pending {
    files: HashMap<u64, PathBuf>,
    writes: Vec<Write>,
    names: Vec<Name>,
}

impl Pending {
    fn read(journal: &[u8]) -> Self {
        let mut pending = Self::default();
        let mut rest = journal;
        while let Some((head, more)) = rest.split_at_checked(48) {
            let word = |n: usize| u64::from_ne_bytes(head[n * 8..n * 8 + 8].try_into().unwrap());
            let count = usize::try_from(word(5)).unwrap();
            // A kill may have cut off the last record.
            let Some((data, more)) = more.split_at_checked(count) else { break };
            pending.apply([word(0), word(1), word(2), word(3), word(4)], data);
            rest = more;
        }
        pending
    }

    fn apply(&mut self, [kind, file, offset, old_length, length]: [u64; 5], data: &[u8]) {
        let of_file = self.files.get(&file).cloned().unwrap_or_default();
        let paths: Vec<PathBuf> = data
            .splitn(2, |byte| *byte == 0)
            .map(|path| PathBuf::from(std::ffi::OsStr::from_bytes(path)))
            .collect();
        match kind {
            1 => drop(self.files.insert(file, paths[0].clone())),
            2 | 3 => self.writes.push(Write {
                path: of_file,
                offset,
                old_length,
                length,
                old: data.to_vec(),
                is_truncation: kind == 3,
                is_doomed: false,
                is_synced: false,
            }),
            4 => {
                if self.writes.iter().any(|write| write.path == of_file && write.is_doomed) {
                    let of_file = self.writes.iter_mut().filter(|write| write.path == of_file);
                    of_file.for_each(|write| write.is_synced |= !write.is_doomed);
                } else {
                    self.writes.retain(|write| write.path != of_file);
                }
                self.names.retain(|name| match name {
                    Name::Made(path) | Name::Renamed(_, path) => path.parent() != Some(&of_file),
                });
            }
            5 => {
                self.writes.iter_mut().filter(|w| w.path == of_file).for_each(|w| w.is_doomed |= !w.is_synced)
            }
            6 => self.names.push(Name::Made(of_file)),
            7 => {
                for write in self.writes.iter_mut().filter(|write| write.path == paths[0]) {
                    write.path.clone_from(&paths[1]);
                }
                self.names.retain(|name| !matches!(name, Name::Made(path) if *path == paths[0]));
                self.names.push(Name::Renamed(paths[0].clone(), paths[1].clone()));
            }
            8 | 9 => self.names.push(Name::Made(paths[0].clone())),
            10 => {
                self.writes.retain(|write| write.path != paths[0]);
                self.names.retain(|name| !matches!(name, Name::Made(path) if *path == paths[0]));
            }
            other => panic!("the record {other} is unknown"),
        }
    }
}

/// Undoes what was not synced, newest first. Returns how much.
pub(super) fn take_back(journal: &Path, under: &Path, loss: Loss) -> usize {
    let pending = Pending::read(&std::fs::read(journal).unwrap_or_default());
    let mut lost = 0;
    let mut chance = match loss {
        Loss::All => Chance::new(0),
        Loss::Torn { seed, .. } => Chance::new(seed),
    };
    let sector = match loss {
        Loss::All => PAGE,
        Loss::Torn { sector, .. } => sector,
    };
    let mut covered = Covered::default();
    for write in pending.writes.iter().rev() {
        let Ok(file) = OpenOptions::new().write(true).open(&write.path) else { continue };
        let mut is_kept = || {
            write.is_synced
                || match loss {
                    Loss::All => false,
                    Loss::Torn { kept, .. } => !write.is_doomed && chance.below(100) < kept,
                }
        };
        if write.is_truncation {
            if !is_kept() {
                lost += 1;
                file.set_len(write.old_length).unwrap();
                file.write_all_at(&write.old, write.offset).unwrap();
            }
            continue;
        }
        let (mut at, end, mut any) = (write.offset, write.offset + write.length, false);
        while at < end {
            let next = ((at / sector + 1) * sector).min(end);
            if covered.has(&write.path, at / sector) {
            } else if is_kept() {
                covered.add(&write.path, at / sector, next);
            } else {
                any = true;
                let (from, until) = ((at - write.offset) as usize, (next - write.offset) as usize);
                let old = &write.old[from.min(write.old.len())..until.min(write.old.len())];
                file.write_all_at(old, at).unwrap();
                // Bytes beyond the old end read as zeros, unless something after them stays.
                let zeros = vec![0; until - from - old.len()];
                file.write_all_at(&zeros, at + old.len() as u64).unwrap();
            }
            at = next;
        }
        lost += usize::from(any);
        let length = file.metadata().unwrap().len();
        file.set_len(write.old_length.max(covered.end(&write.path)).min(length)).unwrap();
    }
    if matches!(loss, Loss::All) {
        for name in pending.names.iter().rev() {
            lost += 1;
            match name {
                // The data folder itself belongs to the test.
                Name::Made(path) if path == under => {}
                Name::Made(path) if path.is_dir() => std::fs::remove_dir_all(path).unwrap(),
                Name::Made(path) => drop(std::fs::remove_file(path)),
                Name::Renamed(from, to) => drop(std::fs::rename(to, from)),
            }
        }
    }
    // Shared memory is never on the disk.
    let _ = std::fs::remove_file(under.join("chat.db-shm"));
    lost
}

#[cfg(test)]
mod tests;
