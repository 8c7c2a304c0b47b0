//! Searches messages.

use chat_proto::command::Search;
use chat_proto::reply::Reply;
use chat_proto::{ErrorCode, Millis};

use super::{Viewer, enter, page_permit, page_size};
use crate::app::App;
use crate::error::Error;
use crate::pages::{self, Keep};
use crate::store::Tx;
use crate::store::tables::{search as index, users};
use crate::store::views::search::{self, Query};
use crate::store::views::snippets::Sought;
use chat_proto::policy::Right;

/// The maximum length of a query, in bytes.
const QUERY_BYTES: usize = 512;

/// How many batches a search indexes if the index is behind. The next search indexes the rest.
const CATCH_UP: usize = 20;

/// A parsed query.
#[derive(Debug, Default, PartialEq, Eq)]
struct Parts {
    terms: Vec<Sought>,
    room: Option<String>,
    from: Option<String>,
    before: Option<Millis>,
}

/// Parses words, which also match as the beginnings of longer words, `"phrases"`, `from:NAME`, `in:ROOM` and
/// `before:YYYY-MM-DD`.
fn parse(query: &str) -> Parts {
    let mut parts = Parts::default();
    let mut rest = query.trim();
    while !rest.is_empty() {
        let (word, more) = match rest.strip_prefix('"').and_then(|quoted| quoted.split_once('"')) {
            Some((phrase, more)) => {
                parts.terms.push(Sought::new(phrase, false));
                rest = more.trim_start();
                continue;
            }
            None => rest.split_once(char::is_whitespace).unwrap_or((rest, "")),
        };
        match word.split_once(':') {
            Some(("from", name)) if !name.is_empty() => {
                parts.from = Some(name.trim_start_matches('@').to_owned())
            }
            Some(("in", room)) if !room.is_empty() => {
                parts.room = Some(room.trim_start_matches('#').to_owned())
            }
            Some(("before", day)) if midnight(day).is_some() => parts.before = midnight(day),
            _ => parts.terms.push(Sought::new(word, true)),
        }
        rest = more.trim_start();
    }
    // A term without a letter, digit or symbol is in no index.
    parts.terms.retain(|term| !term.is_empty());
    parts
}

/// Returns the beginning of a day in UTC.
fn midnight(day: &str) -> Option<Millis> {
    let date: jiff::civil::Date = day.parse().ok()?;
    Some(Millis(date.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp().as_millisecond()))
}

pub(super) async fn search(app: &App, viewer: &Viewer, asked: Search) -> Result<Reply, Error> {
    if asked.query.len() > QUERY_BYTES {
        return Err(Error::refused(
            ErrorCode::TooLong,
            "That is too long to search for. A few words are enough.",
        ));
    }
    let parts = parse(&asked.query);
    if parts.terms.is_empty() {
        return Err(Error::refused(ErrorCode::Empty, "Say what to search for: a word or two."));
    }
    let room = match asked.room.or(parts.room) {
        Some(name) => Some(enter(app, viewer, &name, Right::Read)?.id),
        None => None,
    };
    for _ in 0..CATCH_UP {
        let catch_up = |tx: &mut Tx<'_>| index::catch_up(tx.conn());
        if !app.store.search(index::is_behind).await? || !app.store.perform(catch_up).await? {
            break;
        }
    }
    let (user, limit, from) = (viewer.me.id, page_size(asked.limit), asked.from.or(parts.from));
    let before = asked.before.or(parts.before);
    let read = move |conn: &mut _| {
        let from = match &from {
            Some(name) => Some(users::find(conn, name)?.id),
            None => None,
        };
        let query = Query { terms: parts.terms.clone(), room, from, before };
        search::search(conn, user, &query, limit)
    };
    let _permit = page_permit(app).await;
    let (messages, more) = app.store.search(read).await?;
    let page = pages::fit(viewer.format, messages, Keep::First).await;
    Ok(Reply::Results { messages: page.items, more: more || page.cut_after })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_in_its_parts() {
        let parts = parse(r#"fox "lazy dog" from:@bob in:#dev before:2026-11-23 12:30 -- "open"#);
        let terms = [("fox", true), ("lazy dog", false), ("12:30", true), ("open", true)];
        assert_eq!(parts.terms, terms.map(|(text, begins)| Sought::new(text, begins)));
        assert_eq!((parts.from.as_deref(), parts.room.as_deref()), (Some("bob"), Some("dev")));
        assert_eq!(parts.before, Some(Millis(1_795_392_000_000)));
        assert_eq!(
            parse("from: in: \"\" ???"),
            Parts { terms: vec![Sought::new("from", true), Sought::new("in", true)], ..Parts::default() }
        );
    }
}
