//! Facts about the database itself, by name.

use diesel::prelude::*;

use crate::store::schema::meta::dsl::{key, meta, value};
use crate::store::{Conn, on};

/// The epoch, to which cursors belong.
pub(in crate::store) const LOG: &str = "log";

/// The age time at the end of the last run ([`crate::clock::Clock::age_now`]).
pub(in crate::store) const AGE: &str = "age";

/// The identity of the database file that the last start found.
pub(in crate::store) const FILE: &str = "file";

/// Written to find out whether a commit succeeds.
pub(in crate::store) const READY: &str = "ready";

/// Returns a fact.
pub(in crate::store) fn get(conn: &mut Conn, name: &str) -> QueryResult<Option<String>> {
    on!(conn, |c| meta.filter(key.eq(name)).select(value).first(c)).optional()
}

/// Sets a fact.
pub(in crate::store) fn set(conn: &mut Conn, name: &str, text: &str) -> QueryResult<()> {
    on!(conn, |c| diesel::insert_into(meta)
        .values((key.eq(name), value.eq(text)))
        .on_conflict(key)
        .do_update()
        .set(value.eq(text))
        .execute(c))?;
    Ok(())
}
