//! The search index: FTS5 over the messages of all rooms. It lags behind the log, so that writing costs nothing,
//! and is caught up before it is asked.
//!
//! Each word has its room in front and there is one for the author, so that a search walks what the searcher may read and
//! nothing else: neither its hits nor its time depend on other rooms.

use chat_proto::{Seq, UserId};
use diesel::dsl::max;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};

use crate::error::Error;
use crate::store::schema::search as index;
use crate::store::schema::{documents, events, indexed};
use crate::store::{Conn, RoomId, to_sql};
use crate::words::words;

/// Most messages that are indexed in one transaction.
const BATCH: i64 = 500;

/// A word of a room as the index has it. The sign between is in no word.
pub(in crate::store) fn word_in(room: RoomId, word: &str) -> String {
    format!("{room}§{word}")
}

/// The word that stands for an author in a room.
pub(in crate::store) fn author_in(room: RoomId, author: UserId) -> String {
    format!("{room}¶{author}")
}

/// A message as the index has it: its author, and each of its words once.
fn document(room: RoomId, by: UserId, text: &str) -> String {
    let mut of_text: Vec<String> = words(text).into_iter().map(|word| word.text).collect();
    of_text.sort_unstable();
    of_text.dedup();
    let mut out = author_in(room, by);
    for word in of_text {
        out.push(' ');
        out.push_str(&word_in(room, &word));
    }
    out
}

fn put(conn: &mut Conn, rows: Vec<(i64, String)>) -> QueryResult<()> {
    let rows: Vec<_> =
        rows.into_iter().map(|(id, document)| (index::rowid.eq(id), index::text.eq(document))).collect();
    diesel::insert_into(index::table).values(rows).execute(conn)?;
    Ok(())
}

/// Tells the index what a message says now instead of `old`, or that it is gone.
///
/// # Errors
/// If the database cannot be written.
pub fn replace(
    conn: &mut Conn,
    (room, seq): (RoomId, Seq),
    by: UserId,
    old: &str,
    new: Option<&str>,
) -> Result<(), Error> {
    let id: Option<i64> = documents::table
        .filter(documents::room_id.eq(room).and(documents::seq.eq(to_sql(seq))))
        .select(documents::id)
        .first(conn)
        .optional()?;
    // What is not in it yet comes in as it stands then.
    let Some(id) = id else { return Ok(()) };
    take_out(conn, id, &document(room, by, old))?;
    match new {
        Some(new) => put(conn, vec![(id, document(room, by, new))])?,
        None => {
            diesel::delete(documents::table.find(id)).execute(conn)?;
        }
    }
    Ok(())
}

/// Takes a room out of the index. The log MUST still have its texts, which the index does not keep.
///
/// # Errors
/// If the database cannot be written.
pub fn forget_room(conn: &mut Conn, room: RoomId) -> Result<(), Error> {
    loop {
        let rows: Vec<(i64, UserId, Option<String>)> = documents::table
            .inner_join(
                events::table.on(events::room_id.eq(documents::room_id).and(events::seq.eq(documents::seq))),
            )
            .filter(documents::room_id.eq(room))
            .select((documents::id, events::by_user, events::text))
            .limit(BATCH)
            .load(conn)?;
        if rows.is_empty() {
            break;
        }
        let ids: Vec<i64> = rows.iter().map(|(id, ..)| *id).collect();
        for (id, by, text) in rows {
            take_out(conn, id, &document(room, by, &text.unwrap_or_default()))?;
        }
        diesel::delete(documents::table.filter(documents::id.eq_any(ids))).execute(conn)?;
    }
    diesel::delete(indexed::table.find(room)).execute(conn)?;
    Ok(())
}

/// Tells the index that it has a document no more.
fn take_out(conn: &mut Conn, id: i64, document: &str) -> QueryResult<()> {
    diesel::sql_query("INSERT INTO search (search, rowid, text) VALUES ('delete', ?, ?)")
        .bind::<BigInt, _>(id)
        .bind::<Text, _>(document)
        .execute(conn)?;
    Ok(())
}

/// Takes some of what was written since into the index. Tells whether there is more.
///
/// # Errors
/// If the database cannot be written.
pub fn catch_up(conn: &mut Conn) -> Result<bool, Error> {
    let Some((room, from)) = behind(conn)? else { return Ok(false) };
    let newest: Option<i64> =
        events::table.filter(events::room_id.eq(room)).select(max(events::seq)).first(conn)?;
    let head = newest.unwrap_or(0);
    let rows: Vec<(i64, UserId, Option<String>)> = events::table
        .filter(events::room_id.eq(room).and(events::seq.gt(from)))
        .filter(events::kind.eq("message").and(events::deleted_at.is_null()))
        .select((events::seq, events::by_user, events::text))
        .order(events::seq)
        .limit(BATCH)
        .load(conn)?;
    let is_all = (rows.len() as i64) < BATCH;
    let until = if is_all { head } else { rows.last().map_or(head, |(seq, ..)| *seq) };
    // Only the writer gives out these numbers, and they go up with the log: the newest come first in a search.
    let last: Option<i64> = documents::table.select(max(documents::id)).first(conn)?;
    let first = last.unwrap_or(0) + 1;
    let places: Vec<_> = (first..)
        .zip(&rows)
        .map(|(id, (seq, ..))| (documents::id.eq(id), documents::room_id.eq(room), documents::seq.eq(*seq)))
        .collect();
    if !places.is_empty() {
        diesel::insert_into(documents::table).values(places).execute(conn)?;
        let of_row = |(id, (_, by, text)): (i64, &(i64, UserId, Option<String>))| {
            (id, document(room, *by, text.as_deref().unwrap_or_default()))
        };
        put(conn, (first..).zip(&rows).map(of_row).collect())?;
    }
    diesel::insert_into(indexed::table)
        .values((indexed::room_id.eq(room), indexed::seq.eq(until)))
        .on_conflict(indexed::room_id)
        .do_update()
        .set(indexed::seq.eq(until))
        .execute(conn)?;
    Ok(true)
}

/// A room that is ahead of the index, and how far that has come in it.
///
/// # Errors
/// If the database cannot be read.
pub fn behind(conn: &mut Conn) -> Result<Option<(RoomId, i64)>, Error> {
    #[derive(QueryableByName)]
    struct Lagging {
        #[diesel(sql_type = BigInt)]
        room: RoomId,
        #[diesel(sql_type = BigInt)]
        seq: i64,
    }
    let found: Vec<Lagging> = diesel::sql_query(
        "SELECT r.id AS room, coalesce(i.seq, 0) AS seq FROM rooms r LEFT JOIN indexed i ON i.room_id = r.id \
         WHERE coalesce((SELECT max(e.seq) FROM events e WHERE e.room_id = r.id), 0) > coalesce(i.seq, 0) LIMIT 1",
    )
    .load(conn)?;
    Ok(found.into_iter().next().map(|lagging| (lagging.room, lagging.seq)))
}
