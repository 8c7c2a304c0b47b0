//! Reads the log: events as they happened, or messages as they are now.

use std::collections::HashMap;

use chat_proto::event::{Event, MemberChange, Message, Reacted, Reaction, What};
use chat_proto::limits::{PAGE_BYTES, TEXT_BYTES};
use chat_proto::user::User;
use chat_proto::{ErrorCode, Millis, Seq, UserId};
use diesel::connection::DefaultLoadingMode;
use diesel::prelude::*;

use super::{MessageDetail, StoredChange};
use crate::error::Error;
use crate::id::RoomId;
use crate::store::rows::erased_name;
use crate::store::schema::{events, reactions, users};
use crate::store::{Conn, RoomRef, on, signed, to_sql};

/// The maximum number of users named for each reaction.
const REACTED_NAMES: usize = 20;

/// An event as it is stored, with its author.
#[derive(Queryable)]
pub(in crate::store) struct Row {
    seq: Seq,
    at: Millis,
    kind: String,
    text: Option<String>,
    nonce: Option<String>,
    detail: Option<String>,
    target: Option<Seq>,
    edited_at: Option<Millis>,
    deleted_at: Option<Millis>,
    pinned_at: Option<Millis>,
    user: UserId,
    name: String,
}

macro_rules! columns {
    () => {
        (
            events::seq,
            events::at,
            events::kind,
            events::text,
            events::nonce,
            events::detail,
            events::target,
            events::edited_at,
            events::deleted_at,
            events::pinned_at,
            users::id,
            users::name,
        )
    };
}
pub(in crate::store) use columns;

/// What rows refer to: users by id, and messages by seq.
#[derive(Default)]
struct Referred {
    names: HashMap<UserId, String>,
    /// The current text and mentions of edited messages.
    edited: HashMap<Seq, (String, Vec<UserId>)>,
}

/// Reads the stored part of a membership event. Returns `None` if it cannot be read.
fn stored_change(detail: Option<&str>) -> Option<StoredChange> {
    serde_json::from_str(detail?).ok()
}

/// Returns the current names of these users.
fn names(conn: &mut Conn, ids: &[UserId]) -> QueryResult<HashMap<UserId, String>> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let rows: Vec<(UserId, String)> = on!(conn, |c| users::table
        .filter(users::id.eq_any(ids.iter().copied().map(to_sql)))
        .select((users::id, users::name))
        .load(c))?;
    Ok(rows.into_iter().collect())
}

impl Referred {
    fn of(conn: &mut Conn, room: RoomId, rows: &[Row]) -> Result<Self, Error> {
        let mut ids = Vec::new();
        let mut targets = Vec::new();
        for row in rows {
            match row.kind.as_str() {
                "member" => ids.extend(stored_change(row.detail.as_deref()).map(|change| change.user)),
                "message" => ids.extend(MessageDetail::decode_or_empty(row.detail.as_deref()).mentions),
                "edited" => targets.extend(row.target),
                _ => {}
            }
        }
        let mut edited = HashMap::new();
        if !targets.is_empty() {
            let now: Vec<(Seq, Option<String>, Option<String>)> = on!(conn, |c| events::table
                .filter(
                    events::room_id.eq(to_sql(room)).and(events::seq.eq_any(targets.into_iter().map(to_sql)))
                )
                .select((events::seq, events::text, events::detail))
                .load(c))?;
            for (seq, text, detail) in now {
                let named = MessageDetail::decode_or_empty(detail.as_deref()).mentions;
                ids.extend(&named);
                edited.insert(seq, (text.unwrap_or_default(), named));
            }
        }
        ids.sort_unstable();
        ids.dedup();
        Ok(Self { names: names(conn, &ids)?, edited })
    }

    fn name(&self, id: UserId) -> String {
        self.names.get(&id).cloned().unwrap_or_else(|| erased_name(id))
    }

    fn named(&self, ids: &[UserId]) -> Vec<String> {
        ids.iter().filter_map(|id| self.names.get(id).cloned()).collect()
    }
}

fn event(room: &str, row: Row, referred: &Referred) -> Event {
    let text = row.text.unwrap_or_default();
    let target = row.target;
    let about = target.unwrap_or_default();
    let what = match row.kind.as_str() {
        "message" => {
            let MessageDetail { mentions, files } = MessageDetail::decode_or_empty(row.detail.as_deref());
            What::Message(Message {
                text,
                nonce: row.nonce,
                reply_to: target,
                mentions: referred.named(&mentions),
                files,
                deleted: row.deleted_at.is_some(),
                ..Message::default()
            })
        }
        "topic" => What::Topic { topic: text },
        "member" => match stored_change(row.detail.as_deref()) {
            Some(StoredChange { user, change, reason, until, role, everywhere }) => {
                let user = User { id: user, name: referred.name(user) };
                What::Member(MemberChange { user, change, reason, until, role, everywhere })
            }
            None => What::Newer { kind: row.kind },
        },
        "edited" => {
            let now = row.target.and_then(|target| referred.edited.get(&target));
            let (text, named) =
                now.map_or((String::new(), Vec::new()), |(text, ids)| (text.clone(), referred.named(ids)));
            What::Edited { target: about, text, html: None, mentions: named }
        }
        "deleted" => What::Deleted { target: about },
        "reacted" => What::Reacted(Reacted { target: about, emoji: text }),
        "unreacted" => What::Unreacted(Reacted { target: about, emoji: text }),
        "pinned" => What::Pinned { target: about },
        "unpinned" => What::Unpinned { target: about },
        // A kind of a newer server is passed on.
        _ => What::Newer { kind: row.kind },
    };
    let by = User { id: row.user, name: row.name };
    Event { room: room.to_owned(), seq: row.seq, at: row.at, by, what }
}

/// Returns rows as events, with the users' current names.
fn events_of(conn: &mut Conn, room: &RoomRef, rows: Vec<Row>) -> Result<Vec<Event>, Error> {
    let referred = Referred::of(conn, room.id, &rows)?;
    Ok(rows.into_iter().map(|row| event(&room.name, row, &referred)).collect())
}

/// Returns messages of one room as they are now.
pub(in crate::store) fn current_state(
    conn: &mut Conn,
    room: &RoomRef,
    rows: Vec<Row>,
) -> Result<Vec<Event>, Error> {
    let seqs: Vec<Seq> = rows.iter().map(|row| row.seq).collect();
    let states: Vec<(Option<Millis>, bool)> =
        rows.iter().map(|row| (row.edited_at, row.pinned_at.is_some())).collect();
    let mut reacted = reactions_to(conn, room.id, &seqs)?;
    let mut events = events_of(conn, room, rows)?;
    for (event, (edited_at, pinned)) in events.iter_mut().zip(states) {
        if let What::Message(message) = &mut event.what {
            (message.edited_at, message.pinned) = (edited_at.filter(|_| !message.deleted), pinned);
            message.reactions = reacted.remove(&event.seq).unwrap_or_default();
        }
    }
    Ok(events)
}

fn reactions_to(conn: &mut Conn, room: RoomId, seqs: &[Seq]) -> Result<HashMap<Seq, Vec<Reaction>>, Error> {
    let (Some(first), Some(last)) = (seqs.iter().min(), seqs.iter().max()) else { return Ok(HashMap::new()) };
    // Looked up by the key, so that a room without reactions costs one lookup.
    let rows: Vec<(Seq, String, String, Seq)> = on!(conn, |c| reactions::table
        .inner_join(users::table)
        .filter(
            reactions::room_id.eq(to_sql(room)).and(reactions::seq.between(to_sql(*first), to_sql(*last)))
        )
        .select((reactions::seq, reactions::emoji, users::name, reactions::event_seq))
        .order((reactions::seq, reactions::event_seq))
        .load(c))?;
    let mut found: HashMap<Seq, Vec<Reaction>> = HashMap::new();
    for (seq, emoji, name, _) in rows {
        let of_message = found.entry(seq).or_default();
        let at = of_message.iter().position(|reaction| reaction.emoji == emoji).unwrap_or_else(|| {
            of_message.push(Reaction { emoji, count: 0, users: Vec::new() });
            of_message.len() - 1
        });
        of_message[at].count += 1;
        if of_message[at].users.len() < REACTED_NAMES {
            of_message[at].users.push(name);
        }
    }
    Ok(found)
}

/// Returns the events after `after` up to `head`, ascending: at most `limit`, and fewer if their texts exceed a page.
pub fn after(
    conn: &mut Conn,
    room: &RoomRef,
    after: Seq,
    head: Seq,
    limit: usize,
) -> Result<Vec<Event>, Error> {
    let query = events::table
        .inner_join(users::table)
        .filter(events::room_id.eq(to_sql(room.id)))
        .filter(events::seq.gt(to_sql(after)).and(events::seq.le(to_sql(head))))
        .select(columns!())
        .order(events::seq)
        .limit(signed(limit as u64));
    let (rows, _) = on!(conn, |c| up_to(limit, query.load_iter::<Row, DefaultLoadingMode>(c)?))?;
    events_of(conn, room, rows)
}

/// Where a page of messages starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PageFrom {
    /// The newest messages below this seq.
    Before(Seq),
    /// The oldest messages above this seq.
    After(Seq),
    /// The messages on both sides of this seq, and the one at it.
    Around(Seq),
}

/// Returns a page of messages in order, as they are now, and whether there are more in that direction.
///
/// # Errors
/// `no_such_message` if there is no event at the seq in the middle.
pub fn page(
    conn: &mut Conn,
    room: &RoomRef,
    from: PageFrom,
    limit: usize,
) -> Result<(Vec<Event>, bool), Error> {
    let (rows, more) = match from {
        PageFrom::Before(seq) => older(conn, room.id, seq, limit)?,
        PageFrom::After(seq) => newer(conn, room.id, seq, limit)?,
        PageFrom::Around(seq) => {
            let there: i64 =
                on!(conn, |c| events::table.find((to_sql(room.id), to_sql(seq))).count().get_result(c))?;
            if there == 0 {
                return Err(Error::refused(ErrorCode::NoSuchMessage, "There is nothing at that seq."));
            }
            let (mut rows, more) = older(conn, room.id, seq, limit / 2)?;
            let left = limit - rows.len();
            rows.extend(newer(conn, room.id, seq.prev(), left)?.0);
            (rows, more)
        }
    };
    Ok((current_state(conn, room, rows)?, more))
}

fn older(conn: &mut Conn, room: RoomId, seq: Seq, limit: usize) -> Result<(Vec<Row>, bool), Error> {
    let query = events::table
        .inner_join(users::table)
        .filter(events::room_id.eq(to_sql(room)).and(events::seq.lt(to_sql(seq))))
        .filter(events::kind.eq("message"))
        .select(columns!())
        .order(events::seq.desc())
        // One more row than needed shows whether there are more.
        .limit(signed(limit as u64 + 1));
    let (mut rows, more) = on!(conn, |c| up_to(limit, query.load_iter::<Row, DefaultLoadingMode>(c)?))?;
    rows.reverse();
    Ok((rows, more))
}

fn newer(conn: &mut Conn, room: RoomId, seq: Seq, limit: usize) -> Result<(Vec<Row>, bool), Error> {
    let query = events::table
        .inner_join(users::table)
        .filter(events::room_id.eq(to_sql(room)).and(events::seq.gt(to_sql(seq))))
        .filter(events::kind.eq("message"))
        .select(columns!())
        .order(events::seq)
        .limit(signed(limit as u64 + 1));
    Ok(on!(conn, |c| up_to(limit, query.load_iter::<Row, DefaultLoadingMode>(c)?))?)
}

/// Returns the first rows, at most `limit` and with at most a page of text, and whether there are more.
fn up_to(limit: usize, rows: impl Iterator<Item = QueryResult<Row>>) -> QueryResult<(Vec<Row>, bool)> {
    let (mut taken, mut bytes) = (Vec::new(), 0);
    for row in rows {
        let row = row?;
        // An edit includes its message's current text.
        let text = if row.kind == "edited" { TEXT_BYTES } else { row.text.as_ref().map_or(0, String::len) };
        bytes += text;
        if taken.len() == limit || (bytes > PAGE_BYTES && !taken.is_empty()) {
            return Ok((taken, true));
        }
        taken.push(row);
    }
    Ok((taken, false))
}
