//! Rooms: made, found, listed.

use chat_proto::reply::{RoomKind, RoomSummary};
use chat_proto::{ErrorCode, Millis, RoomName, Seq, Topic, UserId, limits};
use diesel::dsl::max;
use diesel::prelude::*;

use super::schema::{events, members, rooms};
use super::{Asker, Conn, RoomId, from_sql, to_sql};
use crate::error::Error;

/// Most rooms of a server: they are all held in memory.
pub const MAX_ROOMS: i64 = 10_000;

/// Most rooms a user can be in at once; `hello.resume` names them all in one frame.
pub const MAX_JOINED: i64 = 256;

/// A room as the server holds it in memory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoomRow {
    /// Its number.
    pub id: RoomId,
    /// Its name.
    pub name: String,
    /// Who may enter.
    pub kind: RoomKind,
    /// Its topic.
    pub topic: String,
    /// Its newest seq.
    pub head: Seq,
}

fn kind_from(text: &str) -> RoomKind {
    match text {
        "private" => RoomKind::Private,
        "direct" => RoomKind::Direct,
        _ => RoomKind::Public,
    }
}

/// The newest seq of a room: the end of its stretch of the log's key.
pub fn head(conn: &mut Conn, room: RoomId) -> QueryResult<Seq> {
    let newest: Option<i64> =
        events::table.filter(events::room_id.eq(room)).select(max(events::seq)).first(conn)?;
    Ok(from_sql(newest.unwrap_or(0)))
}

/// Every room.
///
/// # Errors
/// Where the database cannot be read.
pub fn all(conn: &mut Conn) -> Result<Vec<RoomRow>, Error> {
    let rows: Vec<(RoomId, String, String, String)> =
        rooms::table.select((rooms::id, rooms::name, rooms::kind, rooms::topic)).load(conn)?;
    let with_head = |(id, name, kind, topic): (RoomId, String, String, String)| {
        Ok(RoomRow { id, name, kind: kind_from(&kind), topic, head: head(conn, id)? })
    };
    rows.into_iter().map(with_head).collect()
}

/// Adds a public room.
pub(super) fn insert(
    conn: &mut Conn,
    name: &str,
    topic: &str,
    by: Option<UserId>,
    now: Millis,
) -> QueryResult<RoomId> {
    diesel::insert_into(rooms::table)
        .values((
            rooms::name.eq(name),
            rooms::kind.eq("public"),
            rooms::topic.eq(topic),
            rooms::created_by.eq(by),
            rooms::created_at.eq(now),
        ))
        .returning(rooms::id)
        .get_result(conn)
}

/// Makes a public room, with its maker as owner and first member.
///
/// # Errors
/// `room_exists`, or `forbidden` where there are too many.
pub fn create(
    conn: &mut Conn,
    name: &RoomName,
    topic: &Topic,
    by: UserId,
    now: Millis,
) -> Result<RoomRow, Error> {
    let taken: i64 = rooms::table.filter(rooms::name.eq(name.as_str())).count().get_result(conn)?;
    if taken > 0 {
        return Err(Error::refused(
            ErrorCode::RoomExists,
            format!("There is a room {name} already: join it."),
        ));
    }
    if rooms::table.count().get_result::<i64>(conn)? >= MAX_ROOMS {
        return Err(Error::refused(ErrorCode::Forbidden, "This server has as many rooms as it can hold."));
    }
    super::members::refuse_too_many(conn, by)?;
    let id = insert(conn, name.as_str(), topic.as_str(), Some(by), now)?;
    super::members::insert(conn, by, id, "owner", 0, now)?;
    Ok(RoomRow {
        id,
        name: name.as_str().to_owned(),
        kind: RoomKind::Public,
        topic: topic.as_str().to_owned(),
        head: 0,
    })
}

/// The rooms `asker` may see, by name, or with `joined_only` those the asker has joined.
///
/// # Errors
/// Where the database cannot be read.
pub fn list(conn: &mut Conn, asker: Asker, joined_only: bool) -> Result<Vec<RoomSummary>, Error> {
    let mine: std::collections::HashMap<RoomId, i64> = members::table
        .filter(members::user_id.eq(asker))
        .select((members::room_id, members::read_seq))
        .load::<(RoomId, i64)>(conn)?
        .into_iter()
        .collect();
    let mut list = Vec::new();
    let mut rows = if joined_only { by_id(conn, mine.keys().copied())? } else { all(conn)? };
    rows.sort_by(|a, b| a.name.cmp(&b.name));
    for row in rows {
        let read = mine.get(&row.id).copied();
        let unread = match read {
            Some(read) => unread(conn, row.id, asker, read)?,
            None => 0,
        };
        let members: i64 = members::table.filter(members::room_id.eq(row.id)).count().get_result(conn)?;
        list.push(RoomSummary {
            name: row.name,
            kind: row.kind,
            topic: row.topic,
            head: row.head,
            members: from_sql(members),
            joined: read.is_some(),
            read: from_sql(read.unwrap_or(0)),
            unread,
        });
    }
    Ok(list)
}

fn by_id(conn: &mut Conn, ids: impl Iterator<Item = RoomId>) -> Result<Vec<RoomRow>, Error> {
    let columns = (rooms::id, rooms::name, rooms::kind, rooms::topic);
    ids.map(|id| {
        let (id, name, kind, topic): (RoomId, String, String, String) =
            rooms::table.find(id).select(columns).first(conn)?;
        Ok(RoomRow { id, name, kind: kind_from(&kind), topic, head: head(conn, id)? })
    })
    .collect()
}

/// Messages by others after `read`, counted up to [`limits::UNREAD`].
fn unread(conn: &mut Conn, room: RoomId, asker: Asker, read: i64) -> QueryResult<u64> {
    let counted: Vec<i64> = events::table
        .filter(events::room_id.eq(room).and(events::seq.gt(read)))
        .filter(events::kind.eq("message").and(events::by_user.ne(asker)))
        .select(events::seq)
        .limit(to_sql(limits::UNREAD))
        .load(conn)?;
    Ok(counted.len() as u64)
}

/// Sets a room's topic, beside the event that tells it.
pub(super) fn set_topic(conn: &mut Conn, room: RoomId, topic: &str) -> QueryResult<()> {
    diesel::update(rooms::table.find(room)).set(rooms::topic.eq(topic)).execute(conn)?;
    Ok(())
}
