//! Finding messages. A search names the searcher's rooms to the index, so that hits of other rooms cannot push out
//! theirs. The index still walks every message with a word, so the time of a search tells how common it is.

use std::cmp::Reverse;

use chat_proto::event::What;
use chat_proto::reply::Found;
use chat_proto::{Millis, UserId};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};

use crate::error::Error;
use crate::store::schema::{events, members, rooms, users};
use crate::store::tables::events::{Row, as_it_stands, columns};
use crate::store::tables::search::{apart, room_word};
use crate::store::{Conn, RoomId, to_sql};

/// Most words of a query.
const WORDS: usize = 8;

/// How many of the newest hits are looked at for those by the author and of the time that are asked for.
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

/// The terms and the rooms as FTS5 takes them: each term a quoted phrase, so that nothing in it is an operator.
fn expression(terms: &[String], rooms: &[RoomId]) -> String {
    let terms = terms.iter().take(WORDS).map(|term| format!("\"{}\"", apart(term).replace('"', " ")));
    let rooms: Vec<String> = rooms.iter().map(|room| room_word(*room)).collect();
    format!("text : ({}) AND room : ({})", terms.collect::<Vec<_>>().join(" AND "), rooms.join(" OR "))
}

/// The newest messages that fit in the rooms of `actor`, and whether there are more.
///
/// # Errors
/// If the database cannot be read.
pub fn search(
    conn: &mut Conn,
    actor: UserId,
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
    let mut mine = members::table.filter(members::user_id.eq(actor)).select(members::room_id).into_boxed();
    if let Some(room) = query.room {
        mine = mine.filter(members::room_id.eq(room));
    }
    let mine: Vec<RoomId> = mine.load(conn)?;
    if query.terms.is_empty() || mine.is_empty() {
        return Ok((Vec::new(), false));
    }
    let hits: Vec<Hit> = diesel::sql_query(
        "SELECT e.room_id AS room, e.seq AS seq \
         FROM (SELECT rowid AS id FROM search WHERE search MATCH ? ORDER BY rowid DESC LIMIT ?) s \
         CROSS JOIN documents d ON d.id = s.id \
         CROSS JOIN events e ON e.room_id = d.room_id AND e.seq = d.seq \
         WHERE (? = 0 OR e.by_user = ?) AND e.at < ? AND e.deleted_at IS NULL \
         ORDER BY s.id DESC LIMIT ?",
    )
    .bind::<Text, _>(expression(&query.terms, &mine))
    .bind::<BigInt, _>(LOOKED_AT)
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
    found.sort_by_key(|found| (Reverse(found.event.at), Reverse(found.event.seq)));
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
        assert_eq!(
            expression(&own(&["a", "NEAR(b", "c* OR", "\"d\""]), &[7]),
            r#"text : ("a" AND "NEAR(b" AND "c* OR" AND " d ") AND room : (r7)"#
        );
        assert_eq!(expression(&own(&["東京"]), &[1, 2]), r#"text : (" 東  京 ") AND room : (r1 OR r2)"#);
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
