//! Searches messages. In the index each word is prefixed with its room, so that a search only visits the user's own
//! rooms. Whether words follow each other is checked in the texts that have all of them.
//!
//! The work is limited by design: a query has at most [`WORDS`] words, the index intersects lists of ids, and texts
//! are examined, the newest first, until [`TIME`] has passed.

use std::cmp::Reverse;
use std::ops::ControlFlow;
use std::time::{Duration, Instant};

use chat_proto::event::What;
use chat_proto::reply::Found;
use chat_proto::{ErrorCode, Millis, UserId};
use diesel::prelude::*;

use super::snippets::{Sought, snippet};
use crate::error::Error;
use crate::id::RoomId;
use crate::store::schema::{events, members, users};
use crate::store::tables::events::{Row, columns, current_state};
use crate::store::tables::rooms;
use crate::store::tables::search::{Wanted, candidates};
use crate::store::{Conn, MessageRef, on, to_sql};
use crate::words::words;

/// The maximum number of words that are looked up in the index. Further words are searched in the texts that have
/// these.
const WORDS: usize = 8;

/// The maximum number of rooms that are looked up in the index: more than a user can be in.
const ROOMS: usize = 1024;

/// How long a search may take.
const TIME: Duration = Duration::from_millis(150);

/// The minimum length of a word that is searched as a beginning. Shorter words must match whole, because too many
/// words begin with one or two letters.
const BEGINNING_CHARS: usize = 3;

/// What to search for.
#[derive(Clone, Debug, Default)]
pub(crate) struct Query {
    /// Words and phrases, all of which must be in a message.
    pub(crate) terms: Vec<Sought>,
    /// Only in this room.
    pub(crate) room: Option<RoomId>,
    /// Only by this user.
    pub(crate) from: Option<UserId>,
    /// Only messages older than this.
    pub(crate) before: Option<Millis>,
}

/// Returns the words to look up in the index, and whether each may be only the beginning of a word.
fn words_of(query: &Query) -> Vec<(&str, bool)> {
    let mut words: Vec<(&str, bool)> = query.terms.iter().flat_map(Sought::words).collect();
    // The longest words are the rarest.
    words.sort_by_key(|(word, _)| Reverse(word.len()));
    words.dedup();
    // A short beginning is searched in the texts that have the other words. Alone, it counts as a whole word.
    let is_short = |(word, begins): &(&str, bool)| *begins && word.chars().count() < BEGINNING_CHARS;
    if words.iter().all(is_short) {
        words.iter_mut().for_each(|(_, begins)| *begins = false);
    } else {
        words.retain(|word| !is_short(word));
    }
    words.truncate(WORDS);
    words
}

/// Returns the newest matching messages in the rooms of `actor`, and whether there may be more.
///
/// # Errors
/// `bad_request` if nothing was found in time, or the database cannot be read.
pub(crate) fn search(
    conn: &mut Conn,
    actor: UserId,
    query: &Query,
    limit: usize,
) -> Result<(Vec<Found>, bool), Error> {
    let began = Instant::now();
    let mine = members::table.filter(members::user_id.eq(to_sql(actor))).select(members::room_id);
    let mine: Vec<RoomId> = match query.room {
        Some(room) => on!(conn, |c| mine.filter(members::room_id.eq(to_sql(room))).load(c))?,
        None => on!(conn, |c| mine.limit(ROOMS as i64).load(c))?,
    };
    if query.terms.is_empty() || mine.is_empty() {
        return Ok((Vec::new(), false));
    }
    let (mut hits, mut is_late) = (Vec::new(), false);
    let wanted = Wanted {
        rooms: &mine,
        author: query.from,
        words: &words_of(query),
        before: query.before.unwrap_or(Millis::MAX),
    };
    candidates(conn, &wanted, |message, text| {
        let words = words(text);
        if query.terms.iter().all(|term| term.is_in(&words)) {
            hits.push(message);
        }
        is_late = began.elapsed() > TIME;
        if hits.len() > limit || is_late { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    })?;
    if hits.is_empty() && is_late {
        let why =
            "That search takes too long. Use rarer words, or say where and when: in:ROOM, before:YYYY-MM-DD.";
        return Err(Error::refused(ErrorCode::BadRequest, why));
    }
    let more = is_late || hits.len() > limit;
    hits.truncate(limit);
    Ok((found(conn, &hits, query)?, more))
}

/// Returns hits as they are now, with snippets.
fn found(conn: &mut Conn, hits: &[MessageRef], query: &Query) -> Result<Vec<Found>, Error> {
    let mut found = Vec::new();
    for hit in hits {
        let room = rooms::find(conn, hit.room)?;
        let row: Row = on!(conn, |c| events::table
            .inner_join(users::table)
            .filter(events::room_id.eq(to_sql(hit.room)).and(events::seq.eq(to_sql(hit.seq))))
            .select(columns!())
            .first(c))?;
        for event in current_state(conn, &room, vec![row])? {
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
    fn the_index_is_asked_for_the_longest_words() {
        let asked = |terms: &[(&str, bool)]| {
            let terms = terms.iter().map(|(text, begins)| Sought::new(text, *begins)).collect();
            let query = Query { terms, ..Query::default() };
            words_of(&query).into_iter().map(|(word, begins)| (word.to_owned(), begins)).collect::<Vec<_>>()
        };
        let owned = |words: &[(&str, bool)]| {
            words.iter().map(|(word, begins)| ((*word).to_owned(), *begins)).collect::<Vec<_>>()
        };
        assert_eq!(
            asked(&[("a", true), ("NEAR(bcd", true), ("e\" OR f*", false)]),
            owned(&[("near", false), ("bcd", true), ("or", false), ("e", false), ("f", false)])
        );
        assert_eq!(asked(&[("a", true)]), owned(&[("a", false)]));
        assert_eq!(asked(&[("東京", true)]), owned(&[("東", false), ("京", false)]));
        assert_eq!(asked(&[("a b c d e f g h i j k l m n", false)]).len(), WORDS);
    }
}
