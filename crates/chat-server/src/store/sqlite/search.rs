//! The search index: FTS5 over the messages of all rooms, without their texts.
//!
//! Each indexed word is prefixed with its room, and one word stands for the author, so that a search only visits what
//! the user may read: neither its results nor its time depend on other rooms.

use std::ops::ControlFlow;

use chat_proto::{Seq, UserId};
use diesel::connection::DefaultLoadingMode;
use diesel::dsl::max;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Nullable, Text};

use self::search as index;
use super::{Conn, heads};
use crate::id::RoomId;
use crate::store::schema::{columns, documents, events, indexed};
use crate::store::tables::search::Wanted;
use crate::store::{MessageRef, to_sql};
use crate::words::words;

diesel::table! {
    search (rowid) {
        rowid -> BigInt,
        text -> Text,
    }
}

/// The maximum number of messages indexed in one transaction.
const BATCH: i64 = 500;

/// Returns a word of a room as it is in the index. No word contains the separator.
fn word_in(room: RoomId, word: &str) -> String {
    format!("{room}§{word}")
}

/// Returns the word that stands for an author in a room.
fn author_in(room: RoomId, author: UserId) -> String {
    format!("{room}¶{author}")
}

/// Returns a message as it is in the index: its author, and each of its words once, because positions are not
/// indexed.
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

/// See [`crate::store::tables::search::replace`].
pub(in crate::store) fn replace(
    conn: &mut Conn,
    message: MessageRef,
    by: UserId,
    old: &str,
    new: Option<&str>,
) -> QueryResult<()> {
    let id: Option<i64> = documents::table
        .filter(documents::room_id.eq(to_sql(message.room)).and(documents::seq.eq(to_sql(message.seq))))
        .select(documents::id)
        .first(conn)
        .optional()?;
    // A message that is not indexed yet will be indexed with the new text.
    let Some(id) = id else { return Ok(()) };
    take_out(conn, id, &document(message.room, by, old))?;
    match new {
        Some(new) => put(conn, vec![(id, document(message.room, by, new))])?,
        None => {
            diesel::delete(documents::table.find(id)).execute(conn)?;
        }
    }
    Ok(())
}

/// See [`crate::store::tables::search::forget_room`].
pub(in crate::store) fn forget_room(conn: &mut Conn, room: RoomId) -> QueryResult<()> {
    loop {
        let rows: Vec<(i64, UserId, Option<String>)> = documents::table
            .inner_join(
                events::table.on(events::room_id.eq(documents::room_id).and(events::seq.eq(documents::seq))),
            )
            .filter(documents::room_id.eq(to_sql(room)))
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
    diesel::delete(indexed::table.find(to_sql(room))).execute(conn)?;
    Ok(())
}

/// Removes a document. FTS5 needs the document's words for that, because this index does not store texts.
fn take_out(conn: &mut Conn, id: i64, document: &str) -> QueryResult<()> {
    diesel::sql_query("INSERT INTO search (search, rowid, text) VALUES ('delete', ?, ?)")
        .bind::<BigInt, _>(id)
        .bind::<Text, _>(document)
        .execute(conn)?;
    Ok(())
}

/// See [`crate::store::tables::search::catch_up`].
pub(in crate::store) fn catch_up(conn: &mut Conn) -> QueryResult<bool> {
    let Some((room, from)) = behind(conn)? else { return Ok(false) };
    let head = heads::newest(conn, room)?.unwrap_or_default();
    let rows: Vec<(Seq, UserId, Option<String>)> = events::table
        .filter(events::room_id.eq(to_sql(room)).and(events::seq.gt(to_sql(from))))
        .filter(events::kind.eq("message").and(events::deleted_at.is_null()))
        .select((events::seq, events::by_user, events::text))
        .order(events::seq)
        .limit(BATCH)
        .load(conn)?;
    let is_all = (rows.len() as i64) < BATCH;
    let until = if is_all { head } else { rows.last().map_or(head, |(seq, ..)| *seq) };
    // Only the writer assigns these ids. They ascend with the log, so that a search finds the newest messages first.
    let last: Option<i64> = documents::table.select(max(documents::id)).first(conn)?;
    let first = last.unwrap_or(0) + 1;
    let places: Vec<_> = (first..)
        .zip(&rows)
        .map(|(id, (seq, ..))| {
            (documents::id.eq(id), documents::room_id.eq(to_sql(room)), documents::seq.eq(to_sql(*seq)))
        })
        .collect();
    if !places.is_empty() {
        diesel::insert_into(documents::table).values(places).execute(conn)?;
        let of_row = |(id, (_, by, text)): (i64, &(Seq, UserId, Option<String>))| {
            (id, document(room, *by, text.as_deref().unwrap_or_default()))
        };
        put(conn, (first..).zip(&rows).map(of_row).collect())?;
    }
    diesel::insert_into(indexed::table)
        .values((indexed::room_id.eq(to_sql(room)), indexed::seq.eq(to_sql(until))))
        .on_conflict(indexed::room_id)
        .do_update()
        .set(indexed::seq.eq(to_sql(until)))
        .execute(conn)?;
    Ok(true)
}

/// Returns a room with messages that the index does not have, and the seq up to which it is indexed.
pub(in crate::store) fn behind(conn: &mut Conn) -> QueryResult<Option<(RoomId, Seq)>> {
    #[derive(QueryableByName)]
    struct Lagging {
        #[diesel(sql_type = columns::Room)]
        room: RoomId,
        #[diesel(sql_type = columns::Seq)]
        seq: Seq,
    }
    let found: Vec<Lagging> = diesel::sql_query(
        "SELECT r.id AS room, coalesce(i.seq, 0) AS seq FROM rooms r LEFT JOIN indexed i ON i.room_id = r.id \
         WHERE coalesce((SELECT max(e.seq) FROM events e WHERE e.room_id = r.id), 0) > coalesce(i.seq, 0) LIMIT 1",
    )
    .load(conn)?;
    Ok(found.into_iter().next().map(|lagging| (lagging.room, lagging.seq)))
}

/// Returns the query in FTS5's syntax. Words are quoted, so that nothing in them is an operator.
fn expression(wanted: &Wanted<'_>) -> String {
    let in_room = |room: &RoomId| {
        let quoted = |(word, begins): &(&str, bool)| {
            let star = if *begins { " *" } else { "" };
            format!("\"{}\"{star}", word_in(*room, word))
        };
        let author = wanted.author.map(|user| format!("\"{}\"", author_in(*room, user)));
        let all: Vec<String> = author.into_iter().chain(wanted.words.iter().map(quoted)).collect();
        format!("({})", all.join(" AND "))
    };
    wanted.rooms.iter().map(in_room).collect::<Vec<_>>().join(" OR ")
}

/// See [`crate::store::tables::search::candidates`]. `CROSS JOIN` makes the planner walk the index, newest first.
pub(in crate::store) fn candidates(
    conn: &mut Conn,
    wanted: &Wanted<'_>,
    mut look: impl FnMut(MessageRef, &str) -> ControlFlow<()>,
) -> QueryResult<()> {
    #[derive(QueryableByName)]
    struct Hit {
        #[diesel(sql_type = columns::Room)]
        room: RoomId,
        #[diesel(sql_type = columns::Seq)]
        seq: Seq,
        #[diesel(sql_type = Nullable<Text>)]
        text: Option<String>,
    }
    let hits = diesel::sql_query(
        "SELECT e.room_id AS room, e.seq AS seq, e.text AS text \
         FROM search s CROSS JOIN documents d ON d.id = s.rowid \
         CROSS JOIN events e ON e.room_id = d.room_id AND e.seq = d.seq \
         WHERE s.search MATCH ? AND e.at < ? AND e.deleted_at IS NULL ORDER BY s.rowid DESC",
    )
    .bind::<Text, _>(expression(wanted))
    .bind::<columns::Millis, _>(to_sql(wanted.before))
    .load_iter::<Hit, DefaultLoadingMode>(conn)?;
    for hit in hits {
        let Hit { room, seq, text } = hit?;
        if look(MessageRef { room, seq }, text.as_deref().unwrap_or_default()).is_break() {
            break;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use chat_proto::Millis;

    use super::*;

    #[test]
    fn a_query_is_words_of_rooms_and_never_operators() {
        let expression = |rooms: &[RoomId], author, words: &[(&str, bool)]| {
            expression(&Wanted { rooms, author, words, before: Millis(0) })
        };
        assert_eq!(
            expression(&[RoomId(7)], None, &[("near", false), ("bcd", true), ("or", false)]),
            r#"("7§near" AND "7§bcd" * AND "7§or")"#
        );
        assert_eq!(
            expression(&[RoomId(1), RoomId(2)], Some(UserId(3)), &[("東", false), ("京", false)]),
            r#"("1¶3" AND "1§東" AND "1§京") OR ("2¶3" AND "2§東" AND "2§京")"#
        );
    }
}
