//! Finds the crates and files of the workspace.

use std::path::{Path, PathBuf};

/// Returns the workspace's folder.
pub(super) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

pub(super) fn read(path: &Path) -> Result<String, String> {
    std::fs::read_to_string(path).map_err(|e| format!("{} cannot be read: {e}", path.display()))
}

/// Returns the folders of the crates, by name.
pub(super) fn crates(root: &Path) -> Result<Vec<PathBuf>, String> {
    let mut crates: Vec<PathBuf> = entries(&root.join("crates"))?;
    crates.retain(|path| path.join("Cargo.toml").is_file());
    Ok(crates)
}

/// Returns all Rust files in a folder, by name.
pub(super) fn rust_files(folder: &Path) -> Result<Vec<PathBuf>, String> {
    let (mut found, mut folders) = (Vec::new(), vec![folder.to_owned()]);
    while let Some(folder) = folders.pop() {
        for path in entries(&folder)? {
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|end| end == "rs") {
                found.push(path);
            }
        }
    }
    found.sort();
    Ok(found)
}

fn entries(folder: &Path) -> Result<Vec<PathBuf>, String> {
    let cannot = |e| format!("{} cannot be read: {e}", folder.display());
    let mut paths = Vec::new();
    for entry in folder.read_dir().map_err(cannot)? {
        paths.push(entry.map_err(cannot)?.path());
    }
    paths.sort();
    Ok(paths)
}
