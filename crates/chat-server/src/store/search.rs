//! The search index: FTS5 over the messages of all rooms. It lags behind the log, so that writing costs nothing,
//! and is caught up before it is asked. Scripts without spaces are indexed letter by letter, so that 東京 is found
//! inside a sentence: a word of them becomes a phrase of its letters.

use chat_proto::event::What;
use chat_proto::reply::Found;
use chat_proto::{Millis, Seq, UserId};
use diesel::dsl::max;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};

use super::events::{Row, as_it_stands, columns};
use super::schema::search as index;
use super::schema::{documents, events, indexed, rooms, users};
use super::{Conn, RoomId, to_sql};
use crate::error::Error;

/// Most messages that are indexed in one transaction.
const BATCH: i64 = 500;

/// Most words of a query.
const WORDS: usize = 8;

/// How many hits are looked at for those that the asker may see.
const LOOKED_AT: i64 = 5000;

/// How much of a text is shown around a hit, in characters.
const AROUND: usize = 60;

/// What stands before and behind a hit in a snippet.
const MARKS: (char, char) = ('\u{e000}', '\u{e001}');

/// What is searched for.
#[derive(Clone, Debug, Default)]
pub struct Query {
    /// Words and phrases, all of which must be there.
    pub terms: Vec<String>,
    /// Only in this room.
    pub room: Option<RoomId>,
    /// Only by this user.
    pub from: Option<UserId>,
    /// Only older ones.
    pub before: Option<Millis>,
}

/// Whether a letter is of a script that puts no spaces between words.
fn stands_alone(c: char) -> bool {
    matches!(c,
        '\u{e00}'..='\u{eff}' | '\u{1000}'..='\u{109f}' | '\u{1780}'..='\u{17ff}'
        | '\u{2e80}'..='\u{2fdf}' | '\u{3005}'..='\u{3007}' | '\u{3040}'..='\u{30ff}' | '\u{31f0}'..='\u{31ff}'
        | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{ff66}'..='\u{ff9d}'
        | '\u{20000}'..='\u{3ffff}')
}

/// A text as the index has it.
fn apart(text: &str) -> String {
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

/// The terms as FTS5 takes them: each a quoted phrase, so that nothing in it is an operator.
fn expression(terms: &[String]) -> String {
    let quoted = terms.iter().take(WORDS).map(|term| format!("\"{}\"", apart(term).replace('"', " ")));
    quoted.collect::<Vec<_>>().join(" ")
}

fn put(conn: &mut Conn, rows: &[(i64, String)]) -> QueryResult<()> {
    let rows: Vec<_> = rows.iter().map(|(id, text)| (index::rowid.eq(id), index::text.eq(text))).collect();
    diesel::insert_into(index::table).values(rows).execute(conn)?;
    Ok(())
}

/// Tells the index what a message says now instead of `old`, or that it is gone.
pub(super) fn replace(
    conn: &mut Conn,
    room: RoomId,
    seq: Seq,
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
    diesel::sql_query("INSERT INTO search (search, rowid, text) VALUES ('delete', ?, ?)")
        .bind::<BigInt, _>(id)
        .bind::<Text, _>(apart(old))
        .execute(conn)?;
    match new {
        Some(new) => put(conn, &[(id, apart(new))])?,
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
    let head = to_sql(super::rooms::head(conn, room)?);
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
        put(conn, &texts)?;
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

/// The newest messages that fit and that `asker` may see, and whether there are more. Membership is asked in the
/// query itself.
///
/// # Errors
/// Where the database cannot be read.
pub fn search(
    conn: &mut Conn,
    asker: UserId,
    query: &Query,
    limit: usize,
) -> Result<(Vec<Found>, bool), Error> {
    #[derive(QueryableByName)]
    struct Hit {
        #[diesel(sql_type = BigInt)]
        room: RoomId,
        #[diesel(sql_type = BigInt)]
        seq: i64,
    }
    if query.terms.is_empty() {
        return Ok((Vec::new(), false));
    }
    let hits: Vec<Hit> = diesel::sql_query(
        "SELECT e.room_id AS room, e.seq AS seq \
         FROM (SELECT rowid AS id FROM search WHERE search MATCH ? ORDER BY rowid DESC LIMIT ?) s \
         CROSS JOIN documents d ON d.id = s.id \
         CROSS JOIN members m ON m.user_id = ? AND m.room_id = d.room_id \
         CROSS JOIN events e ON e.room_id = d.room_id AND e.seq = d.seq \
         WHERE (? = 0 OR d.room_id = ?) AND (? = 0 OR e.by_user = ?) AND e.at < ? AND e.deleted_at IS NULL \
         ORDER BY s.id DESC LIMIT ?",
    )
    .bind::<Text, _>(expression(&query.terms))
    .bind::<BigInt, _>(LOOKED_AT)
    .bind::<BigInt, _>(asker)
    .bind::<BigInt, _>(query.room.unwrap_or(0))
    .bind::<BigInt, _>(query.room.unwrap_or(0))
    .bind::<BigInt, _>(query.from.unwrap_or(0))
    .bind::<BigInt, _>(query.from.unwrap_or(0))
    .bind::<BigInt, _>(query.before.unwrap_or(Millis::MAX))
    .bind::<BigInt, _>(to_sql(limit as u64 + 1))
    .load(conn)?;
    let more = hits.len() > limit;
    let mut found = Vec::new();
    for hit in hits.into_iter().take(limit) {
        let name: String = rooms::table.find(hit.room).select(rooms::name).first(conn)?;
        let row: Row = events::table
            .inner_join(users::table)
            .filter(events::room_id.eq(hit.room).and(events::seq.eq(hit.seq)))
            .select(columns!())
            .first(conn)?;
        for event in as_it_stands(conn, (hit.room, &name), vec![row])? {
            let What::Message(message) = &event.what else { continue };
            let snippet = snippet(&message.text, &query.terms);
            found.push(Found { event, snippet });
        }
    }
    found.sort_by_key(|found| (std::cmp::Reverse(found.event.at), std::cmp::Reverse(found.event.seq)));
    Ok((found, more))
}

/// The stretch of a text around the first hit, with every hit marked.
fn snippet(text: &str, terms: &[String]) -> String {
    let chars: Vec<char> = text.chars().filter(|c| *c != MARKS.0 && *c != MARKS.1).collect();
    let lower: Vec<char> = chars.iter().map(|c| c.to_lowercase().next().unwrap_or(*c)).collect();
    let mut marked = vec![false; chars.len()];
    let mut first = None;
    for term in terms {
        let wanted: Vec<char> = term.chars().map(|c| c.to_lowercase().next().unwrap_or(c)).collect();
        for at in 0..(lower.len() + 1).saturating_sub(wanted.len().max(1)) {
            if lower[at..].starts_with(&wanted) {
                marked[at..at + wanted.len()].fill(true);
                first = Some(first.map_or(at, |first: usize| first.min(at)));
            }
        }
    }
    let start = first.unwrap_or(0).saturating_sub(AROUND);
    let end = (first.unwrap_or(0) + 2 * AROUND).min(chars.len());
    let mut out = String::new();
    if start > 0 {
        out.push('…');
    }
    for at in start..end {
        if marked[at] && (at == start || !marked[at - 1]) {
            out.push(MARKS.0);
        }
        out.push(if chars[at].is_control() { ' ' } else { chars[at] });
        if marked[at] && (at + 1 == end || !marked[at + 1]) {
            out.push(MARKS.1);
        }
    }
    if end < chars.len() {
        out.push('…');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_is_words_and_never_operators() {
        let own = |terms: &[&str]| terms.iter().map(|t| (*t).to_owned()).collect::<Vec<_>>();
        assert_eq!(expression(&own(&["a", "NEAR(b", "c* OR", "\"d\""])), r#""a" "NEAR(b" "c* OR" " d ""#);
        assert_eq!(expression(&own(&["東京"])), r#"" 東  京 ""#);
    }

    #[test]
    fn snippets_mark_every_hit_and_stay_short() {
        let terms = ["fox".to_owned(), "dog".to_owned()];
        assert_eq!(
            snippet("The Fox and the dog", &terms),
            "The \u{e000}Fox\u{e001} and the \u{e000}dog\u{e001}"
        );
        let long = format!("{} fox {}", "x".repeat(500), "y".repeat(500));
        let short = snippet(&long, &terms);
        assert!(short.starts_with('…') && short.ends_with('…') && short.chars().count() < 200, "{short}");
        assert_eq!(snippet("a\u{e000}b", &["a".to_owned()]), "\u{e000}a\u{e001}b", "nobody forges a mark");
    }
}
