//! Stores uploads, and deletes files that are not used.

use std::sync::Arc;

use chat_proto::error::Refusal;
use chat_proto::{ErrorCode, Millis};

use crate::blobs::Blobs;
use crate::error::Error;
use crate::staging::Scrap;
use crate::store::tables::files::{self, StoredFile};
use crate::store::tables::sanctions;
use crate::store::views::permissions;
use crate::store::{Act, Consequence, Tx};
use chat_proto::policy::{self, Right, Scope};

/// Stores the contents of an upload and adds the file.
pub(crate) struct KeepFile {
    /// The file.
    pub(crate) stored: StoredFile,
    /// The contents, each with its hash. They exist until this act has run, even if nobody waits for the answer.
    pub(crate) contents: Vec<(Scrap, String)>,
    /// Where contents are stored.
    pub(crate) blobs: Arc<dyn Blobs>,
    /// The maximum number of bytes that the owner may store.
    pub(crate) quota: u64,
}

impl Act for KeepFile {
    type Answer = ();

    fn run(&mut self, tx: &mut Tx<'_>) -> Result<(), Error> {
        let now = tx.now();
        let conn = tx.conn();
        // An upload takes time, in which its owner may have been muted or banned.
        let owner = self.stored.owner_id;
        if let Some(ban) = sanctions::ban_of_user(conn, owner, now)? {
            return Err(policy::banned(&ban, now).into());
        }
        policy::may(&permissions::of(conn, owner, None)?, Right::Write, Scope::Server, now)?;
        files::refuse_too_many(conn, self.stored.owner_id, self.stored.size.unsigned_abs(), self.quota)?;
        for (scrap, content) in &self.contents {
            // A failure here must not fail the other acts of this transaction.
            self.blobs.put(content, scrap.path()).map_err(|e| {
                tracing::warn!(error = %e, "an upload cannot be stored");
                Refusal::new(ErrorCode::Unavailable, "The server cannot store files now. Try again later.")
            })?;
        }
        files::add(conn, &self.stored)
    }
}

/// Deletes at most `limit` files that no message has and that were uploaded before `before`.
pub(crate) struct ExpireFiles {
    /// The limit in age time.
    pub(crate) before: Millis,
    /// The maximum number of files.
    pub(crate) limit: i64,
}

impl Act for ExpireFiles {
    type Answer = ();

    fn run(&mut self, tx: &mut Tx<'_>) -> Result<(), Error> {
        if files::expire(tx.conn(), self.before, self.limit)? > 0 {
            tx.then(Consequence::ContentsDiscarded);
        }
        Ok(())
    }
}

/// Deletes contents that no file uses any more. Returns whether all of them are gone.
pub(crate) struct DeleteContents {
    /// Contents that were discarded in an earlier transaction.
    pub(crate) contents: Vec<String>,
    /// Where contents are stored.
    pub(crate) blobs: Arc<dyn Blobs>,
}

impl Act for DeleteContents {
    type Answer = bool;

    fn run(&mut self, tx: &mut Tx<'_>) -> Result<bool, Error> {
        files::clear(tx.conn(), &self.contents, |content| self.blobs.delete(content))
    }
}
