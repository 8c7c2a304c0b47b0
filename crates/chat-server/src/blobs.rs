//! The contents of files, independent of where they are stored.

mod folder;

use std::io;
use std::ops::Range;
use std::path::Path;
use std::pin::Pin;
use std::time::Duration;

use futures_util::future::BoxFuture;
use tokio::io::AsyncRead;

pub(crate) use self::folder::Folder;

/// Reads a content.
pub(crate) type Reader = Pin<Box<dyn AsyncRead + Send>>;

/// Stores contents. A content is named by the hash of its bytes, so it never changes.
///
/// Only the writer puts and deletes, so that no content is deleted between being found and being used. It puts a
/// content before it commits the row that names it, and deletes a content in a later transaction than the one that
/// removed its last row.
pub(crate) trait Blobs: Send + Sync {
    /// Stores the bytes of the file at `from`, which are durable when this returns. Storing them again changes
    /// nothing. Blocks.
    ///
    /// # Errors
    /// If they cannot be stored.
    fn put(&self, content: &str, from: &Path) -> io::Result<()>;

    /// Deletes a content. If it does not exist, that is not an error. Blocks.
    ///
    /// # Errors
    /// If it cannot be deleted.
    fn delete(&self, content: &str) -> io::Result<()>;

    /// Returns the length of a content, in bytes.
    fn size<'a>(&'a self, content: &'a str) -> BoxFuture<'a, io::Result<u64>>;

    /// Opens a range of a content's bytes.
    fn open<'a>(&'a self, content: &'a str, range: Range<u64>) -> BoxFuture<'a, io::Result<Reader>>;

    /// Returns every content that was put longer ago than `older_than`. Blocks.
    ///
    /// # Errors
    /// If they cannot be listed.
    fn list(&self, older_than: Duration) -> io::Result<Vec<String>>;
}
