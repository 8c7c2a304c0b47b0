//! Keeping an upload, and taking away what no message has.

use std::sync::Arc;

use chat_proto::error::Refusal;
use chat_proto::{ErrorCode, Millis};

use crate::error::Error;
use crate::files::{Files, Scrap};
use crate::policy::{self, Act as Right, Place};
use crate::store::tables::files::{self, Stored};
use crate::store::tables::sanctions;
use crate::store::views::permissions;
use crate::store::{Act, Consequence, Tx};

/// Puts the contents of an upload in their places and adds the file.
pub struct KeepFile {
    /// The file.
    pub stored: Stored,
    /// Its contents, each with its hash. They are there until this has run, whether anyone waits or not.
    pub contents: Vec<(Scrap, String)>,
    /// The folder.
    pub folder: Arc<Files>,
    /// Most bytes that its owner keeps.
    pub quota: u64,
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
        policy::may(&permissions::standing(conn, owner, None)?, Right::Write, Place::Server, now)?;
        files::refuse_too_many(conn, self.stored.owner_id, self.stored.size.unsigned_abs(), self.quota)?;
        for (scrap, content) in &self.contents {
            // A folder that cannot be written is no reason to fail what others commit in this transaction.
            self.folder.keep(scrap.path(), content).map_err(|e| {
                tracing::warn!(error = %e, "an upload cannot be kept");
                Refusal::new(ErrorCode::Unavailable, "The server cannot keep files now. Try again later.")
            })?;
        }
        files::add(conn, &self.stored)
    }
}

/// Deletes files that no message has and that came before `before`; at most `limit`.
pub struct ExpireFiles {
    /// In age time.
    pub before: Millis,
    /// How many at most.
    pub limit: i64,
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
