//! The stored inputs: a folder of files for each target, in this crate's `corpus`.

use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};

/// A target's inputs.
pub(crate) struct Corpus(PathBuf);

impl Corpus {
    pub(crate) fn of(target: &str) -> Self {
        Self(Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus").join(target))
    }

    /// Returns every input, ordered by file name, so that a seed always produces the same mutations.
    pub(crate) fn inputs(&self) -> Vec<Vec<u8>> {
        let Ok(folder) = fs::read_dir(&self.0) else { return Vec::new() };
        let mut paths: Vec<PathBuf> = folder.flatten().map(|entry| entry.path()).collect();
        paths.sort();
        paths.iter().map(|path| fs::read(path).expect("the corpus can be read")).collect()
    }

    /// Stores an input under a hash of its content, and returns its path.
    pub(crate) fn keep(&self, input: &[u8]) -> PathBuf {
        let mut hasher = DefaultHasher::new();
        input.hash(&mut hasher);
        let path = self.0.join(format!("{:016x}", hasher.finish()));
        fs::create_dir_all(&self.0).expect("the corpus has a folder");
        fs::write(&path, input).expect("the input can be kept");
        path
    }
}
