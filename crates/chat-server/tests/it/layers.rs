//! The layers inside the store: the files of `store/tables` do not import each other, and only `store/sqlite` knows SQLite.
//! `cargo xtask tidy` checks the order of the modules.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

fn source() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|end| end == "rs") {
                found.push(path);
            }
        }
    }
    found
}

/// Returns the names that follow `prefix` in code.
fn names_behind(text: &str, prefix: &str) -> Vec<String> {
    let code = text.lines().filter(|line| !line.trim_start().starts_with("//"));
    let behind = code.flat_map(|line| line.split(prefix).skip(1).map(str::to_owned).collect::<Vec<_>>());
    let name =
        |rest: String| rest.chars().take_while(|c| c.is_ascii_lowercase() || *c == '_').collect::<String>();
    behind.map(name).filter(|name| !name.is_empty()).collect()
}

#[test]
fn tables_do_not_import_each_other() {
    let folder = source().join("store/tables");
    let tables: Vec<String> =
        files(&folder).iter().map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned()).collect();
    for path in files(&folder) {
        let text = std::fs::read_to_string(&path).unwrap();
        let own = path.file_stem().unwrap().to_str().unwrap();
        for prefix in ["super::", "tables::", "crate::store::views", "crate::acts", "crate::hub"] {
            for used in names_behind(&text, prefix) {
                assert!(used == own || !tables.contains(&used), "{} imports {used}", path.display());
            }
        }
    }
}

/// Words of SQLite, and of Diesel if they are for something that only SQLite does.
const SQLITE_WORDS: [&str; 9] = [
    "PRAGMA",
    "fts5",
    "insert_or_ignore_into",
    "replace_into",
    "immediate_transaction",
    "SqliteConnection",
    "wal_",
    "CROSS JOIN",
    "libsqlite3",
];

#[test]
fn only_one_module_knows_sqlite() {
    let (mut inside, mut outside) = (HashSet::new(), Vec::new());
    for path in files(&source()) {
        let text = std::fs::read_to_string(&path).unwrap();
        let code = text.lines().filter(|line| !line.trim_start().starts_with("//"));
        let is_sqlite = path.strip_prefix(source()).unwrap().starts_with("store/sqlite")
            || path == source().join("store/sqlite.rs");
        for line in code {
            for word in SQLITE_WORDS.iter().filter(|word| line.contains(**word)) {
                if is_sqlite {
                    inside.insert(*word);
                } else {
                    outside.push(format!("{}: {}", path.display(), line.trim()));
                }
            }
        }
    }
    assert!(outside.is_empty(), "{outside:#?}");
    assert!(inside.contains("PRAGMA") && inside.contains("SqliteConnection"), "{inside:?}");
}
