//! The epochs of the log. A database that was restored from a copy continues with another history than its readers
//! saw, under the same seqs. So each start compares the database file with the one that the previous start found, and
//! begins a new epoch if it is another file.
//!
//! The fork is stored: up to the heads in the copy, the histories are the same, and a cursor of an earlier epoch
//! means the same event. A copy made in place and a snapshot of the whole machine keep the file's identity and are
//! not noticed.

use std::collections::HashMap;

use chat_proto::Seq;
use diesel::dsl::max;
use diesel::prelude::*;

use super::conn::on;
use super::schema::lineage;
use super::sqlite::heads;
use super::tables::meta;
use super::{Conn, to_sql};
use crate::id::RoomId;
use crate::secret::random_hex;

/// The maximum number of earlier epochs that are kept. A client that missed more restores than that starts from
/// scratch.
const EPOCHS: i64 = 32;

/// The current epoch, and up to where cursors of earlier epochs are valid.
pub(super) struct Lineage {
    log: String,
    /// The heads of the rooms at the end of each earlier epoch.
    forks: HashMap<String, HashMap<RoomId, Seq>>,
}

impl Lineage {
    pub(super) fn log(&self) -> &str {
        &self.log
    }

    /// Whether a cursor of that epoch means the same event now.
    pub(super) fn may_resume(&self, log: &str, room: RoomId, cursor: Seq) -> bool {
        let good_to = |heads: &HashMap<RoomId, Seq>| heads.get(&room).copied().unwrap_or_default();
        log == self.log || self.forks.get(log).is_some_and(|heads| cursor <= good_to(heads))
    }
}

/// Reads the lineage, and begins a new epoch if `found`, the identity of the database, is not what the previous start
/// found.
pub(super) fn begin(conn: &mut Conn, found: &str) -> anyhow::Result<Lineage> {
    let known = meta::get(conn, meta::FILE)?;
    if known.as_deref() == Some(found) {
        return Ok(read(conn)?);
    }
    let is_copy = known.is_some();
    let fresh = random_hex::<16>()?;
    let noted = conn.write_transaction(|conn| {
        if is_copy {
            fork(conn, &fresh)?;
        }
        meta::set(conn, meta::FILE, found)
    });
    if is_copy {
        tracing::warn!(
            "the database is a copy of the previous one: clients that saw later events start over"
        );
    }
    match noted {
        Ok(()) => Ok(read(conn)?),
        // On a full disk, the epoch lasts until the next start, and every cursor of another epoch is invalid.
        Err(e) if is_copy => {
            tracing::warn!(error = %e, "the new epoch could not be stored");
            Ok(Lineage { log: fresh, forks: HashMap::new() })
        }
        Err(e) => {
            tracing::warn!(error = %e, "the identity of the database file could not be stored");
            Ok(read(conn)?)
        }
    }
}

/// Ends the current epoch at the current heads. What earlier epochs share with this history ends there as well.
fn fork(conn: &mut Conn, fresh: &str) -> QueryResult<()> {
    let ended = meta::get(conn, meta::LOG)?.unwrap_or_default();
    let last: Option<i64> = on!(conn, |c| lineage::table.select(max(lineage::number)).first(c))?;
    let number = last.unwrap_or(0) + 1;
    on!(conn, |c| diesel::delete(lineage::table.filter(lineage::number.le(number - EPOCHS))).execute(c))?;
    let heads = match conn {
        Conn::Sqlite(c) => heads::all(c)?,
    };
    for (room, head) in heads {
        let earlier =
            lineage::table.filter(lineage::room_id.eq(to_sql(room)).and(lineage::head.gt(to_sql(head))));
        on!(conn, |c| diesel::update(earlier).set(lineage::head.eq(to_sql(head))).execute(c))?;
        on!(conn, |c| diesel::insert_into(lineage::table)
            .values((
                lineage::log.eq(&ended),
                lineage::room_id.eq(to_sql(room)),
                lineage::head.eq(to_sql(head)),
                lineage::number.eq(number),
            ))
            .execute(c))?;
    }
    meta::set(conn, meta::LOG, fresh)
}

/// Deletes up to where a room's cursors were valid in earlier epochs.
pub(crate) fn forget_room(conn: &mut Conn, room: RoomId) -> QueryResult<()> {
    on!(conn, |c| diesel::delete(lineage::table.filter(lineage::room_id.eq(to_sql(room)))).execute(c))?;
    Ok(())
}

fn read(conn: &mut Conn) -> QueryResult<Lineage> {
    let log = meta::get(conn, meta::LOG)?.ok_or(diesel::result::Error::NotFound)?;
    let rows: Vec<(String, RoomId, Seq)> =
        on!(conn, |c| lineage::table.select((lineage::log, lineage::room_id, lineage::head)).load(c))?;
    let mut forks: HashMap<String, HashMap<RoomId, Seq>> = HashMap::new();
    for (log, room, head) in rows {
        forks.entry(log).or_default().insert(room, head);
    }
    Ok(Lineage { log, forks })
}
