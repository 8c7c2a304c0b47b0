//! Finding messages. The index has each word with its room in front, so that a search walks the rooms of the searcher
//! alone; that words follow each other is seen in the texts that have all of them.
//!
//! The work is bounded by construction: a query has at most [`WORDS`] words, the index intersects lists of numbers, and
//! texts are looked at, the newest first, until [`TIME`] has passed.

use std::cmp::Reverse;
use std::time::{Duration, Instant};

use chat_proto::event::What;
use chat_proto::reply::Found;
use chat_proto::{ErrorCode, Millis, UserId};
use diesel::connection::DefaultLoadingMode;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Nullable, Text};

use super::snippets::{Sought, snippet};
use crate::error::Error;
use crate::store::schema::{events, members, rooms, users};
use crate::store::tables::events::{Row, as_it_stands, columns};
use crate::store::tables::search::{author_in, word_in};
use crate::store::{Conn, RoomId};
use crate::words::words;

/// Most words that the index is asked for. More are looked for in the texts that have these.
const WORDS: usize = 8;

/// Most rooms that the index is asked for: more than a user can be in.
const ROOMS: usize = 1024;

/// How long a search may take.
const TIME: Duration = Duration::from_millis(150);

/// Shorter words are looked for as they are, longer ones as beginnings: too many words begin with one or two letters.
const BEGINNING_CHARS: usize = 3;

/// What is searched for.
#[derive(Clone, Debug, Default)]
pub struct Query {
    /// Words and phrases, all of which must be there.
    pub terms: Vec<Sought>,
    /// Only in this room.
    pub room: Option<RoomId>,
    /// Only by this user.
    pub from: Option<UserId>,
    /// Only older ones.
    pub before: Option<Millis>,
}

/// The query as FTS5 takes it, for each of the rooms: words in quotation marks, so that nothing in them is an operator.
fn expression(query: &Query, rooms: &[RoomId]) -> String {
    let mut words: Vec<(&str, bool)> = query.terms.iter().flat_map(Sought::words).collect();
    // The longest are the rarest.
    words.sort_by_key(|(word, _)| Reverse(word.len()));
    words.dedup();
    // A short beginning is looked for in the texts that have the other words; alone it is a word as it stands.
    let is_short = |(word, begins): &(&str, bool)| *begins && word.chars().count() < BEGINNING_CHARS;
    if !words.iter().all(is_short) {
        words.retain(|word| !is_short(word));
    }
    words.truncate(WORDS);
    let in_room = |room: &RoomId| {
        let quoted = |(word, begins): &(&str, bool)| {
            let star = if *begins && !is_short(&(word, true)) { " *" } else { "" };
            format!("\"{}\"{star}", word_in(*room, word))
        };
        let author = query.from.map(|user| format!("\"{}\"", author_in(*room, user)));
        let all: Vec<String> = author.into_iter().chain(words.iter().map(quoted)).collect();
        format!("({})", all.join(" AND "))
    };
    rooms.iter().map(in_room).collect::<Vec<_>>().join(" OR ")
}

/// A message that has all the words.
#[derive(QueryableByName)]
struct Hit {
    #[diesel(sql_type = BigInt)]
    room: RoomId,
    #[diesel(sql_type = BigInt)]
    seq: i64,
    #[diesel(sql_type = Nullable<Text>)]
    text: Option<String>,
}

/// The newest messages that fit in the rooms of `actor`, and whether there may be more.
///
/// # Errors
/// `bad_request` if nothing was found in time, or the database cannot be read.
pub fn search(
    conn: &mut Conn,
    actor: UserId,
    query: &Query,
    limit: usize,
) -> Result<(Vec<Found>, bool), Error> {
    let began = Instant::now();
    let mine = members::table.filter(members::user_id.eq(actor)).select(members::room_id);
    let mine: Vec<RoomId> = match query.room {
        Some(room) => mine.filter(members::room_id.eq(room)).load(conn)?,
        None => mine.limit(ROOMS as i64).load(conn)?,
    };
    if query.terms.is_empty() || mine.is_empty() {
        return Ok((Vec::new(), false));
    }
    let (mut hits, mut is_late) = (Vec::new(), false);
    let candidates = diesel::sql_query(
        "SELECT e.room_id AS room, e.seq AS seq, e.text AS text \
         FROM search s CROSS JOIN documents d ON d.id = s.rowid \
         CROSS JOIN events e ON e.room_id = d.room_id AND e.seq = d.seq \
         WHERE s.search MATCH ? AND e.at < ? AND e.deleted_at IS NULL ORDER BY s.rowid DESC",
    )
    .bind::<Text, _>(expression(query, &mine))
    .bind::<BigInt, _>(query.before.unwrap_or(Millis::MAX))
    .load_iter::<Hit, DefaultLoadingMode>(conn)?;
    for candidate in candidates {
        let Hit { room, seq, text } = candidate?;
        let words = words(text.as_deref().unwrap_or_default());
        if query.terms.iter().all(|term| term.is_in(&words)) {
            hits.push((room, seq));
        }
        is_late = began.elapsed() > TIME;
        if hits.len() > limit || is_late {
            break;
        }
    }
    if hits.is_empty() && is_late {
        let why =
            "That search takes too long. Use rarer words, or say where and when: in:ROOM, before:YYYY-MM-DD.";
        return Err(Error::refused(ErrorCode::BadRequest, why));
    }
    let more = is_late || hits.len() > limit;
    hits.truncate(limit);
    Ok((found(conn, &hits, query)?, more))
}

/// Hits as they stand, with snippets.
fn found(conn: &mut Conn, hits: &[(RoomId, i64)], query: &Query) -> Result<Vec<Found>, Error> {
    let mut found = Vec::new();
    for (room, seq) in hits {
        let name: String = rooms::table.find(room).select(rooms::name).first(conn)?;
        let row: Row = events::table
            .inner_join(users::table)
            .filter(events::room_id.eq(room).and(events::seq.eq(seq)))
            .select(columns!())
            .first(conn)?;
        for event in as_it_stands(conn, (*room, &name), vec![row])? {
            let What::Message(message) = &event.what else { continue };
            let snippet = snippet(&message.text, &query.terms);
            found.push(Found { event, snippet });
        }
    }
    found.sort_by_key(|found| (Reverse(found.event.at), Reverse(found.event.seq)));
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_is_words_of_rooms_and_never_operators() {
        let query = |terms: &[(&str, bool)]| Query {
            terms: terms.iter().map(|(text, begins)| Sought::new(text, *begins)).collect(),
            ..Query::default()
        };
        assert_eq!(
            expression(&query(&[("a", true), ("NEAR(bcd", true), ("e\" OR f*", false)]), &[7]),
            r#"("7§near" AND "7§bcd" * AND "7§or" AND "7§e" AND "7§f")"#
        );
        assert_eq!(expression(&query(&[("a", true)]), &[7]), r#"("7§a")"#);
        let by = Query { from: Some(3), ..query(&[("東京", true)]) };
        assert_eq!(
            expression(&by, &[1, 2]),
            r#"("1¶3" AND "1§東" AND "1§京") OR ("2¶3" AND "2§東" AND "2§京")"#
        );
        let many = query(&[("a b c d e f g h i j k l m n", false)]);
        assert_eq!(expression(&many, &[1]).matches("AND").count(), WORDS - 1);
    }
}
