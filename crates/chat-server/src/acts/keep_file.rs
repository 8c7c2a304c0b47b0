//! Keeping an upload, and taking away what no message has.

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

/// Keeps the contents of an upload and adds the file.
pub(crate) struct KeepFile {
    /// The file.
    pub(crate) stored: StoredFile,
    /// Its contents, each with its hash. They are there until this has run, whether anyone waits or not.
    pub(crate) contents: Vec<(Scrap, String)>,
    /// Where they are kept.
    pub(crate) blobs: Arc<dyn Blobs>,
    /// Most bytes that its owner keeps.
    pub(crate) quota: u64,
}

impl Act for KeepFile {
    type Answer = ();

    fn run(&mut self, tx: &mut Tx<'_>) -> Result<(), Error> {
        let now = tx.now();
        let conn = tx.conn();
        // An upload takes its time, in which its owner may have been muted or banned.
        let owner = self.stored.owner_id;
        if let Some(ban) = sanctions::ban_of_user(conn, owner, now)? {
            return Err(policy::banned(&ban, now).into());
        }
        policy::may(&permissions::of(conn, owner, None)?, Right::Write, Scope::Server, now)?;
        files::refuse_too_many(conn, self.stored.owner_id, self.stored.size.unsigned_abs(), self.quota)?;
        for (scrap, content) in &self.contents {
            // A failure here must not fail what others commit in this transaction.
            self.blobs.put(content, scrap.path()).map_err(|e| {
                tracing::warn!(error = %e, "an upload cannot be kept");
                Refusal::new(ErrorCode::Unavailable, "The server cannot keep files now. Try again later.")
            })?;
        }
        files::add(conn, &self.stored)
    }
}

/// Deletes files that no message has and that came before `before`; at most `limit`.
pub(crate) struct ExpireFiles {
    /// In age time.
    pub(crate) before: Millis,
    /// How many at most.
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

/// Deletes the contents of which no file is left. Answers whether all of those are gone now.
pub(crate) struct DeleteContents {
    /// Contents that were discarded in an earlier transaction.
    pub(crate) contents: Vec<String>,
    /// Where they are kept.
    pub(crate) blobs: Arc<dyn Blobs>,
}

impl Act for DeleteContents {
    type Answer = bool;

    fn run(&mut self, tx: &mut Tx<'_>) -> Result<bool, Error> {
        files::clear(tx.conn(), &self.contents, |content| self.blobs.delete(content))
    }
}
