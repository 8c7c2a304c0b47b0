//! The audit log: what moderators, admins and the operator did. Entries are only ever added.

use chat_proto::Millis;
use chat_proto::reply::AuditEntry;
use diesel::prelude::*;

use crate::error::Error;
use crate::store::schema::audit;
use crate::store::{Conn, on, signed, to_sql};

/// The actor of the entries of the server's command line.
pub(crate) const OPERATOR: &str = "operator";

/// Adds an entry.
pub(crate) fn add(conn: &mut Conn, entry: &AuditEntry) -> Result<(), Error> {
    on!(conn, |c| diesel::insert_into(audit::table)
        .values((
            audit::at.eq(to_sql(entry.at)),
            audit::by_name.eq(&entry.by),
            audit::action.eq(&entry.action),
            audit::target.eq(&entry.target),
            audit::room.eq(&entry.room),
            audit::reason.eq(&entry.reason),
        ))
        .execute(c))?;
    Ok(())
}

/// Returns entries from before a time, newest first.
pub(crate) fn list(conn: &mut Conn, before: Option<Millis>, limit: usize) -> Result<Vec<AuditEntry>, Error> {
    type Row = (Millis, String, String, String, Option<String>, Option<String>);
    let rows: Vec<Row> = on!(conn, |c| audit::table
        .filter(audit::at.lt(to_sql(before.unwrap_or(Millis::MAX))))
        .select((audit::at, audit::by_name, audit::action, audit::target, audit::room, audit::reason))
        .order((audit::at.desc(), audit::id.desc()))
        .limit(signed(limit as u64))
        .load(c))?;
    let entry =
        |(at, by, action, target, room, reason): Row| AuditEntry { at, by, action, target, room, reason };
    Ok(rows.into_iter().map(entry).collect())
}
