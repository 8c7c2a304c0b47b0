//! Contents in a folder. Each is a file named by its hash, in a subfolder (shelf) named by the first two digits of
//! the hash.

use std::collections::HashSet;
use std::io::{self, SeekFrom};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use parking_lot::Mutex;
use tokio::io::{AsyncReadExt, AsyncSeekExt};

use super::{Blobs, Reader};
use crate::folder;

/// A folder of contents.
pub(crate) struct Folder {
    path: PathBuf,
    /// The shelves whose names are known to be durable.
    shelves: Mutex<HashSet<String>>,
}

impl Folder {
    /// Opens the folder in the data folder, and creates it if it is missing. If it exists, this needs no space on the
    /// disk.
    ///
    /// # Errors
    /// If it cannot be created.
    pub(crate) fn open(data: &Path) -> io::Result<Self> {
        let path = data.join("files");
        folder::make_private(&path)?;
        folder::sync(data)?;
        Ok(Self { path, shelves: Mutex::default() })
    }

    /// Returns the folder's path. Files that are put MUST be on the same file system.
    #[must_use]
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    fn path_of(&self, content: &str) -> PathBuf {
        let (shelf, name) = content.split_at(content.len().min(2));
        self.path.join(shelf).join(name)
    }
}

impl Blobs for Folder {
    fn put(&self, content: &str, from: &Path) -> io::Result<()> {
        let path = self.path_of(content);
        let shelf = path.parent().unwrap_or(&self.path);
        folder::make_private(shelf)?;
        match std::fs::hard_link(from, &path) {
            Err(e) if e.kind() != io::ErrorKind::AlreadyExists => return Err(e),
            _ => {}
        }
        folder::sync(shelf)?;
        // A new folder's name is only durable once its parent was synced. A crash may have left a shelf that exists
        // and is not synced, so each shelf's name is synced when the shelf is first used.
        let name = content.get(..2).unwrap_or(content).to_owned();
        let mut shelves = self.shelves.lock();
        if !shelves.contains(&name) {
            folder::sync(&self.path)?;
            shelves.insert(name);
        }
        Ok(())
    }

    fn delete(&self, content: &str) -> io::Result<()> {
        match std::fs::remove_file(self.path_of(content)) {
            Err(e) if e.kind() != io::ErrorKind::NotFound => Err(e),
            _ => Ok(()),
        }
    }

    fn size<'a>(&'a self, content: &'a str) -> BoxFuture<'a, io::Result<u64>> {
        let path = self.path_of(content);
        let size = async move {
            let found = tokio::fs::metadata(path).await?;
            if found.is_dir() { Err(io::ErrorKind::NotFound.into()) } else { Ok(found.len()) }
        };
        size.boxed()
    }

    fn open<'a>(&'a self, content: &'a str, range: Range<u64>) -> BoxFuture<'a, io::Result<Reader>> {
        let path = self.path_of(content);
        let open = async move {
            let mut file = tokio::fs::File::open(path).await?;
            if range.start > 0 {
                file.seek(SeekFrom::Start(range.start)).await?;
            }
            let reader: Reader = Box::pin(file.take(range.end.saturating_sub(range.start)));
            Ok(reader)
        };
        open.boxed()
    }

    fn list(&self, older_than: Duration) -> io::Result<Vec<String>> {
        let mut found = Vec::new();
        for shelf in std::fs::read_dir(&self.path)? {
            let shelf = shelf?;
            let name = shelf.file_name();
            let Some(prefix) = name.to_str().filter(|name| name.len() == 2) else { continue };
            for file in std::fs::read_dir(shelf.path())? {
                let file = file?;
                let age = file.metadata()?.modified()?.elapsed().unwrap_or_default();
                if let (true, Some(rest)) = (age >= older_than, file.file_name().to_str()) {
                    found.push(format!("{prefix}{rest}"));
                }
            }
        }
        Ok(found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Checks what every implementation promises.
    async fn check(blobs: &dyn Blobs, scrap: &Path) {
        const HASH: &str = "ab12";
        std::fs::write(scrap, "0123456789").unwrap();
        assert!(blobs.list(Duration::ZERO).unwrap().is_empty());
        assert_eq!(blobs.size(HASH).await.unwrap_err().kind(), io::ErrorKind::NotFound);
        for _ in 0..2 {
            blobs.put(HASH, scrap).unwrap();
        }
        std::fs::remove_file(scrap).unwrap();
        assert_eq!(blobs.size(HASH).await.unwrap(), 10);
        for (range, expected) in [(0..10, "0123456789"), (3..5, "34"), (9..10, "9"), (4..4, "")] {
            let mut read = String::new();
            blobs.open(HASH, range).await.unwrap().read_to_string(&mut read).await.unwrap();
            assert_eq!(read, expected);
        }
        assert_eq!(blobs.list(Duration::ZERO).unwrap(), [HASH]);
        assert!(blobs.list(Duration::from_secs(3600)).unwrap().is_empty(), "it is too new to be left over");
        for _ in 0..2 {
            blobs.delete(HASH).unwrap();
        }
        assert!(blobs.open(HASH, 0..10).await.is_err_and(|e| e.kind() == io::ErrorKind::NotFound));
        assert!(blobs.list(Duration::ZERO).unwrap().is_empty());
    }

    #[tokio::test]
    async fn a_folder_keeps_contents() {
        let data = tempfile::tempdir().unwrap();
        let folder = Folder::open(data.path()).unwrap();
        check(&folder, &data.path().join("scrap")).await;
    }
}
