//! The inputs that are kept: a folder of files for each target, in `corpus` of this crate.

use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};

/// A target's inputs.
pub(crate) struct Corpus(PathBuf);

impl Corpus {
    pub(crate) fn of(target: &str) -> Self {
        Self(Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus").join(target))
    }

    /// Every input, in the order of their names, so that a seed always means the same.
    pub(crate) fn inputs(&self) -> Vec<Vec<u8>> {
        let Ok(folder) = fs::read_dir(&self.0) else { return Vec::new() };
        let mut paths: Vec<PathBuf> = folder.flatten().map(|entry| entry.path()).collect();
        paths.sort();
        paths.iter().map(|path| fs::read(path).expect("the corpus can be read")).collect()
    }

    /// Keeps an input under a name that follows from its content.
    pub(crate) fn keep(&self, input: &[u8]) -> PathBuf {
        let mut hasher = DefaultHasher::new();
        input.hash(&mut hasher);
        let path = self.0.join(format!("{:016x}", hasher.finish()));
        fs::create_dir_all(&self.0).expect("the corpus has a folder");
        fs::write(&path, input).expect("the input can be kept");
        path
    }
}
