//! The search index: FTS5 over the messages of all rooms. It lags behind the log, so that writing costs nothing,
//! and is caught up before it is asked. Scripts without spaces are indexed letter by letter, so that 東京 is found
//! inside a sentence: a word of them becomes a phrase of its letters.

use chat_proto::Seq;
use diesel::dsl::max;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};

use crate::error::Error;
use crate::store::schema::search as index;
use crate::store::schema::{documents, events, indexed};
use crate::store::{Conn, RoomId, to_sql};

/// Most messages that are indexed in one transaction.
const BATCH: i64 = 500;

/// Whether a letter is of a script that puts no spaces between words.
fn stands_alone(c: char) -> bool {
    matches!(c,
        '\u{e00}'..='\u{eff}' | '\u{1000}'..='\u{109f}' | '\u{1780}'..='\u{17ff}'
        | '\u{2e80}'..='\u{2fdf}' | '\u{3005}'..='\u{3007}' | '\u{3040}'..='\u{30ff}' | '\u{31f0}'..='\u{31ff}'
        | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{ff66}'..='\u{ff9d}'
        | '\u{20000}'..='\u{3ffff}')
}

/// A text as the index has it.
pub(in crate::store) fn apart(text: &str) -> String {
    let mut out = String::with_capacity(text.len() * 2);
    for c in text.chars() {
        if stands_alone(c) {
            out.extend([' ', c, ' ']);
        } else {
            out.push(c);
        }
    }
    out
}

/// The word that stands for a room in the index, so that a search meets hits of the searcher's rooms alone.
pub(in crate::store) fn room_word(room: RoomId) -> String {
    format!("r{room}")
}

fn put(conn: &mut Conn, room: RoomId, rows: &[(i64, String)]) -> QueryResult<()> {
    let word = room_word(room);
    let row = |(id, text): &(i64, String)| {
        (index::rowid.eq(*id), index::text.eq(text.clone()), index::room.eq(word.clone()))
    };
    let rows: Vec<_> = rows.iter().map(row).collect();
    diesel::insert_into(index::table).values(rows).execute(conn)?;
    Ok(())
}

/// Tells the index what a message says now instead of `old`, or that it is gone.
pub fn replace(conn: &mut Conn, room: RoomId, seq: Seq, old: &str, new: Option<&str>) -> Result<(), Error> {
    let id: Option<i64> = documents::table
        .filter(documents::room_id.eq(room).and(documents::seq.eq(to_sql(seq))))
        .select(documents::id)
        .first(conn)
        .optional()?;
    // What is not in it yet comes in as it stands then.
    let Some(id) = id else { return Ok(()) };
    diesel::sql_query("INSERT INTO search (search, rowid, text, room) VALUES ('delete', ?, ?, ?)")
        .bind::<BigInt, _>(id)
        .bind::<Text, _>(apart(old))
        .bind::<Text, _>(room_word(room))
        .execute(conn)?;
    match new {
        Some(new) => put(conn, room, &[(id, apart(new))])?,
        None => {
            diesel::delete(documents::table.find(id)).execute(conn)?;
        }
    }
    Ok(())
}

/// Takes some of what was written since into the index. Tells whether there is more.
///
/// # Errors
/// Where the database cannot be written.
pub fn catch_up(conn: &mut Conn) -> Result<bool, Error> {
    let Some((room, from)) = behind(conn)? else { return Ok(false) };
    let newest: Option<i64> =
        events::table.filter(events::room_id.eq(room)).select(max(events::seq)).first(conn)?;
    let head = newest.unwrap_or(0);
    let rows: Vec<(i64, Option<String>)> = events::table
        .filter(events::room_id.eq(room).and(events::seq.gt(from)))
        .filter(events::kind.eq("message").and(events::deleted_at.is_null()))
        .select((events::seq, events::text))
        .order(events::seq)
        .limit(BATCH)
        .load(conn)?;
    let is_all = (rows.len() as i64) < BATCH;
    let until = if is_all { head } else { rows.last().map_or(head, |(seq, _)| *seq) };
    // Only the writer gives out these numbers, and they go up with the log: the newest come first in a search.
    let last: Option<i64> = documents::table.select(max(documents::id)).first(conn)?;
    let numbered: Vec<(i64, i64, String)> = (last.unwrap_or(0) + 1..)
        .zip(rows)
        .map(|(id, (seq, text))| (id, seq, apart(text.as_deref().unwrap_or_default())))
        .collect();
    let places: Vec<_> = numbered
        .iter()
        .map(|(id, seq, _)| (documents::id.eq(id), documents::room_id.eq(room), documents::seq.eq(seq)))
        .collect();
    if !places.is_empty() {
        diesel::insert_into(documents::table).values(places).execute(conn)?;
        let texts: Vec<(i64, String)> = numbered.into_iter().map(|(id, _, text)| (id, text)).collect();
        put(conn, room, &texts)?;
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
/// Where the database cannot be read.
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
