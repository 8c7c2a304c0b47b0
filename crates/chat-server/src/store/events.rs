//! The log: appending to it and reading from it.

use chat_proto::event::{Change, Event, MemberChange, Message, User, What};
use chat_proto::reply::Role;
use chat_proto::{ErrorCode, MessageText, Millis, Nonce, Seq, Topic, UserId};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};

use super::schema::{events, users};
use super::{Conn, Position, RoomId, from_sql, to_sql};
use crate::error::Error;

/// An event that has no seq yet.
#[derive(Clone, Debug)]
pub struct Draft {
    /// Where it happens.
    pub room: RoomId,
    /// Who does it.
    pub by: User,
    /// What it is.
    pub what: DraftWhat,
}

/// What a draft is about.
#[derive(Clone, Debug)]
pub enum DraftWhat {
    /// Someone writes.
    Message(MessageText, Nonce),
    /// Someone sets the topic.
    Topic(Topic),
    /// Someone's membership changes.
    Member(MemberChange),
}

/// How a [`MemberChange`] is kept: the user by number, since names change.
#[derive(Serialize, Deserialize)]
struct StoredChange {
    user: UserId,
    change: Change,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    until: Option<Millis>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    role: Option<Role>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    everywhere: bool,
}

impl Draft {
    pub(super) fn nonce(&self) -> Option<&Nonce> {
        match &self.what {
            DraftWhat::Message(_, nonce) => Some(nonce),
            DraftWhat::Topic(_) | DraftWhat::Member(_) => None,
        }
    }

    pub(super) fn text(&self) -> Option<&str> {
        match &self.what {
            DraftWhat::Message(text, _) => Some(text.as_str()),
            DraftWhat::Topic(topic) => Some(topic.as_str()),
            DraftWhat::Member(_) => None,
        }
    }

    fn detail(&self) -> Option<String> {
        let DraftWhat::Member(change) = &self.what else { return None };
        let stored = StoredChange {
            user: change.user.id,
            change: change.change,
            reason: change.reason.clone(),
            until: change.until,
            role: change.role,
            everywhere: change.everywhere,
        };
        // Plain data with text keys, which can always be written.
        serde_json::to_string(&stored).ok()
    }

    /// What the event tells once it is committed.
    pub(super) fn into_what(self) -> (User, What) {
        let what = match self.what {
            DraftWhat::Message(text, nonce) => {
                What::Message(Message { text: text.into_string(), nonce: Some(nonce.as_str().to_owned()) })
            }
            DraftWhat::Topic(topic) => What::Topic { topic: topic.as_str().to_owned() },
            DraftWhat::Member(change) => What::Member(change),
        };
        (self.by, what)
    }
}

#[derive(Insertable)]
#[diesel(table_name = events, treat_none_as_default_value = false)]
pub(super) struct NewEvent<'a> {
    room_id: RoomId,
    seq: i64,
    at: Millis,
    by_user: UserId,
    kind: &'static str,
    text: Option<&'a str>,
    nonce: Option<&'a str>,
    detail: Option<String>,
}

impl<'a> NewEvent<'a> {
    pub(super) fn new(draft: &'a Draft, position: Position) -> Self {
        Self {
            room_id: position.room,
            seq: to_sql(position.seq),
            at: position.at,
            by_user: draft.by.id,
            kind: match draft.what {
                DraftWhat::Message(..) => "message",
                DraftWhat::Topic(_) => "topic",
                DraftWhat::Member(_) => "member",
            },
            text: draft.text(),
            nonce: draft.nonce().map(Nonce::as_str),
            detail: draft.detail(),
        }
    }
}

pub(super) fn insert(conn: &mut Conn, rows: &[NewEvent<'_>]) -> QueryResult<()> {
    diesel::insert_into(events::table).values(rows).execute(conn)?;
    Ok(())
}

/// Where an author's nonce went the first time, and the text it bore.
pub(super) fn by_nonce(
    conn: &mut Conn,
    by: UserId,
    nonce: &Nonce,
) -> QueryResult<Option<(Position, String)>> {
    let row: Option<(RoomId, i64, Millis, Option<String>)> = events::table
        .filter(events::by_user.eq(by).and(events::nonce.eq(nonce.as_str())))
        .select((events::room_id, events::seq, events::at, events::text))
        .first(conn)
        .optional()?;
    let found = |(room, seq, at, text): (RoomId, i64, Millis, Option<String>)| {
        (Position { room, seq: from_sql(seq), at }, text.unwrap_or_default())
    };
    Ok(row.map(found))
}

/// A room's newest seq and its time; zeros where nothing has happened yet.
pub(super) fn newest(conn: &mut Conn, room: RoomId) -> QueryResult<(Seq, Millis)> {
    let row: Option<(i64, Millis)> = events::table
        .filter(events::room_id.eq(room))
        .select((events::seq, events::at))
        .order(events::seq.desc())
        .first(conn)
        .optional()?;
    Ok(row.map_or((0, 0), |(seq, at)| (from_sql(seq), at)))
}

type Row = (i64, Millis, String, Option<String>, Option<String>, Option<String>, UserId, String);

fn event(room: &str, row: Row, names: &Names) -> Result<Event, Error> {
    let (seq, at, kind, text, nonce, detail, id, name) = row;
    let text = text.unwrap_or_default();
    let what = match kind.as_str() {
        "message" => What::Message(Message { text, nonce }),
        "topic" => What::Topic { topic: text },
        "member" => {
            let StoredChange { user, change, reason, until, role, everywhere } =
                stored_change(detail.as_deref())?;
            let name = names.get(&user).cloned().unwrap_or_default();
            What::Member(MemberChange {
                user: User { id: user, name },
                change,
                reason,
                until,
                role,
                everywhere,
            })
        }
        other => {
            return Err(Error::Internal(anyhow::anyhow!("the log has an event of unknown kind {other:?}")));
        }
    };
    Ok(Event { room: room.to_owned(), seq: from_sql(seq), at, by: User { id, name }, what })
}

type Names = std::collections::HashMap<UserId, String>;

fn stored_change(detail: Option<&str>) -> Result<StoredChange, Error> {
    serde_json::from_str(detail.unwrap_or_default()).map_err(|e| Error::Internal(e.into()))
}

/// Rows as events, with the names that the users in them have now.
fn events_of(conn: &mut Conn, room: &str, rows: Vec<Row>) -> Result<Vec<Event>, Error> {
    let mut ids = Vec::new();
    for (_, _, kind, _, _, detail, ..) in &rows {
        if kind == "member" {
            ids.push(stored_change(detail.as_deref())?.user);
        }
    }
    let names = super::users::names(conn, &ids)?;
    rows.into_iter().map(|row| event(room, row, &names)).collect()
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
            users::id,
            users::name,
        )
    };
}

/// Every event after `after` up to `head`, ascending, at most `limit`.
///
/// # Errors
/// Where the database cannot be read.
pub fn after(
    conn: &mut Conn,
    room: (RoomId, &str),
    after: Seq,
    head: Seq,
    limit: usize,
) -> Result<Vec<Event>, Error> {
    let rows: Vec<Row> = events::table
        .inner_join(users::table)
        .filter(events::room_id.eq(room.0))
        .filter(events::seq.gt(to_sql(after)).and(events::seq.le(to_sql(head))))
        .select(columns!())
        .order(events::seq)
        .limit(to_sql(limit as Seq))
        .load(conn)?;
    events_of(conn, room.1, rows)
}

/// From where a page of messages is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum From {
    /// The newest below this seq.
    Before(Seq),
    /// The oldest above it.
    After(Seq),
    /// Both sides of it, itself included.
    Around(Seq),
}

/// A page of messages, ascending, and whether there are more on the asked side.
///
/// # Errors
/// `no_such_message` where there is nothing at the seq to look around, or the database cannot be read.
pub fn page(
    conn: &mut Conn,
    room: (RoomId, &str),
    from: From,
    limit: usize,
) -> Result<(Vec<Event>, bool), Error> {
    match from {
        From::Before(seq) => older(conn, room, seq, limit),
        From::After(seq) => newer(conn, room, seq, limit),
        From::Around(seq) => {
            if seq == 0 || seq > super::rooms::head(conn, room.0)? {
                return Err(Error::refused(
                    ErrorCode::NoSuchMessage,
                    "There is no message of that number here.",
                ));
            }
            let (mut messages, more) = older(conn, room, seq, limit / 2)?;
            let room_left = limit - messages.len();
            messages.extend(newer(conn, room, seq - 1, room_left)?.0);
            Ok((messages, more))
        }
    }
}

fn older(conn: &mut Conn, room: (RoomId, &str), seq: Seq, limit: usize) -> Result<(Vec<Event>, bool), Error> {
    let mut rows: Vec<Row> = events::table
        .inner_join(users::table)
        .filter(events::room_id.eq(room.0).and(events::seq.lt(to_sql(seq))))
        .filter(events::kind.eq("message"))
        .select(columns!())
        .order(events::seq.desc())
        // One more than asked for tells whether there are more.
        .limit(to_sql(limit as Seq + 1))
        .load(conn)?;
    let more = rows.len() > limit;
    rows.truncate(limit);
    rows.reverse();
    Ok((events_of(conn, room.1, rows)?, more))
}

fn newer(conn: &mut Conn, room: (RoomId, &str), seq: Seq, limit: usize) -> Result<(Vec<Event>, bool), Error> {
    let mut rows: Vec<Row> = events::table
        .inner_join(users::table)
        .filter(events::room_id.eq(room.0).and(events::seq.gt(to_sql(seq))))
        .filter(events::kind.eq("message"))
        .select(columns!())
        .order(events::seq)
        .limit(to_sql(limit as Seq + 1))
        .load(conn)?;
    let more = rows.len() > limit;
    rows.truncate(limit);
    Ok((events_of(conn, room.1, rows)?, more))
}
