//! Facts about the database itself, by name.

use diesel::prelude::*;

use crate::store::schema::meta::dsl::{key, meta, value};
use crate::store::{Conn, on};

/// The epoch of the log, to which cursors belong.
pub(in crate::store) const LOG: &str = "log";

/// The age time that the last run came to ([`crate::clock::Clock::age_now`]).
pub(in crate::store) const AGE: &str = "age";

/// The database file as the last start found it.
pub(in crate::store) const FILE: &str = "file";

/// Written to see whether anything can be.
pub(in crate::store) const READY: &str = "ready";

/// The fact of that name.
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
