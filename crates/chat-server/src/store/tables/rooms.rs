//! Creates, finds and lists rooms.

use std::collections::HashMap;

use chat_proto::room::RoomKind;
use chat_proto::{Millis, Seq, UserId};
use diesel::dsl::{exists, select};
use diesel::prelude::*;

use crate::error::Error;
use crate::id::RoomId;
use crate::store::consequence::Sight;
use crate::store::rows::{RoomRef, RoomRow};
use crate::store::schema::{invites, members, removed_rooms, rooms};
use crate::store::sqlite::heads;
use crate::store::{Conn, on, to_sql};
use chat_proto::policy;

/// The room that exists from the first start.
pub const DEFAULT_ROOM: &str = "general";

/// The maximum number of public and private rooms of a server. All rooms are held in memory.
pub const MAX_ROOMS: i64 = 10_000;

/// The maximum number of public and private rooms that a user can be in. `hello.resume` must be able to name all of a
/// user's rooms in one frame.
pub const MAX_JOINED: i64 = 256;
/// The maximum number of direct rooms that a user can be in. See [`MAX_JOINED`].
pub const MAX_DIRECT: i64 = 512;

/// Returns the newest seq of a room. For a room without events, that is the seq above which it starts.
pub fn head(conn: &mut Conn, room: RoomId) -> QueryResult<Seq> {
    let head = match newest(conn, room)? {
        Some(newest) => newest,
        None => on!(conn, |c| rooms::table.find(to_sql(room)).select(rooms::start).first(c))
            .optional()?
            .unwrap_or_default(),
    };
    Ok(head)
}

fn newest(conn: &mut Conn, room: RoomId) -> QueryResult<Option<Seq>> {
    match conn {
        Conn::Sqlite(c) => heads::newest(c, room),
    }
}

/// Returns every room, and who sees it.
pub fn all(conn: &mut Conn, sights: Vec<(RoomId, UserId, Sight)>) -> Result<Vec<RoomRow>, Error> {
    let mut seen_by: HashMap<RoomId, Vec<(UserId, Sight)>> = HashMap::new();
    for (room, user, sight) in sights {
        seen_by.entry(room).or_default().push((user, sight));
    }
    type Row = (RoomId, String, String, String, Seq);
    let rows: Vec<Row> = on!(conn, |c| rooms::table
        .select((rooms::id, rooms::name, rooms::kind, rooms::topic, rooms::start))
        .load(c))?;
    let complete = |(id, name, kind, topic, start): Row| {
        let (head, seen_by) = (head(conn, id)?, seen_by.remove(&id).unwrap_or_default());
        let kind = RoomKind::from(kind.as_str());
        Ok(RoomRow { id, name, kind, topic, head, start, seen_by })
    };
    rows.into_iter().map(complete).collect()
}

/// Adds a room. Returns its id, and the seq above which it starts.
pub fn insert(
    conn: &mut Conn,
    name: &str,
    kind: RoomKind,
    topic: &str,
    by: Option<UserId>,
    now: Millis,
) -> QueryResult<(RoomId, Seq)> {
    let start: Seq = on!(conn, |c| removed_rooms::table.select(removed_rooms::above).first(c))?;
    let id = on!(conn, |c| diesel::insert_into(rooms::table)
        .values((
            rooms::name.eq(name),
            rooms::kind.eq(kind.as_str()),
            rooms::topic.eq(topic),
            rooms::created_by.eq(to_sql(by)),
            rooms::created_at.eq(to_sql(now)),
            rooms::start.eq(to_sql(start)),
        ))
        .returning(rooms::id)
        .get_result(c))?;
    Ok((id, start))
}

/// Removes a room that nothing refers to any more. Later rooms start above its seqs, and above the seq with which its
/// members are told of the removal.
pub fn remove(conn: &mut Conn, room: RoomId, head: Seq) -> QueryResult<()> {
    on!(conn, |c| diesel::delete(rooms::table.find(to_sql(room))).execute(c))?;
    let above = head.next().next();
    on!(conn, |c| diesel::update(removed_rooms::table.filter(removed_rooms::above.lt(to_sql(above))))
        .set(removed_rooms::above.eq(to_sql(above)))
        .execute(c))?;
    Ok(())
}

/// Deletes the records of which rooms a user created.
pub fn forget_maker(conn: &mut Conn, user: UserId) -> QueryResult<()> {
    on!(conn, |c| diesel::update(rooms::table.filter(rooms::created_by.eq(to_sql(user))))
        .set(rooms::created_by.eq(to_sql(None::<UserId>)))
        .execute(c))?;
    Ok(())
}

/// Stores since when these rooms are unused, in age time, or that they are in use.
pub fn set_unused_since(conn: &mut Conn, ids: &[RoomId], since: Option<Millis>) -> QueryResult<()> {
    on!(conn, |c| diesel::update(rooms::table.filter(rooms::id.eq_any(ids.iter().copied().map(to_sql))))
        .set(rooms::unused_since.eq(to_sql(since)))
        .execute(c))?;
    Ok(())
}

/// Returns the ids of the rooms with that name.
pub fn named(conn: &mut Conn, name: &str) -> QueryResult<Vec<RoomId>> {
    on!(conn, |c| rooms::table.filter(rooms::name.eq(name)).select(rooms::id).order(rooms::id).load(c))
}

/// Returns how many public and private rooms there are.
pub fn count(conn: &mut Conn) -> QueryResult<i64> {
    on!(conn, |c| rooms::table.filter(rooms::kind.ne("direct")).count().get_result(c))
}

/// Returns how many existing public and private rooms a user created.
pub fn count_made(conn: &mut Conn, by: UserId) -> QueryResult<i64> {
    on!(conn, |c| rooms::table
        .filter(rooms::created_by.eq(to_sql(by)).and(rooms::kind.ne("direct")))
        .count()
        .get_result(c))
}

/// Returns how many direct rooms there are.
pub fn count_direct(conn: &mut Conn) -> QueryResult<i64> {
    on!(conn, |c| rooms::table.filter(rooms::kind.eq("direct")).count().get_result(c))
}

/// Whether `user` sees a room with that name: a public one, or one that they are in or invited to.
pub fn is_seen(conn: &mut Conn, user: UserId, name: &str) -> QueryResult<bool> {
    let joined =
        rooms::id.eq_any(members::table.filter(members::user_id.eq(to_sql(user))).select(members::room_id));
    let invited =
        rooms::id.eq_any(invites::table.filter(invites::user_id.eq(to_sql(user))).select(invites::room_id));
    let seen =
        rooms::table.filter(rooms::name.eq(name)).filter(rooms::kind.eq("public").or(joined).or(invited));
    on!(conn, |c| select(exists(seen)).get_result(c))
}

/// Returns the direct room with that name: its id and topic.
pub fn direct(conn: &mut Conn, name: &str) -> QueryResult<Option<(RoomId, String)>> {
    on!(conn, |c| rooms::table
        .filter(rooms::name.eq(name).and(rooms::kind.eq("direct")))
        .select((rooms::id, rooms::topic))
        .first(c))
    .optional()
}

/// Returns the rooms that a user is in.
pub(crate) fn of_user(conn: &mut Conn, user: UserId) -> QueryResult<Vec<RoomRef>> {
    let rows: Vec<(RoomId, String, String)> = on!(conn, |c| members::table
        .inner_join(rooms::table)
        .filter(members::user_id.eq(to_sql(user)))
        .select((rooms::id, rooms::name, rooms::kind))
        .order(rooms::id)
        .load(c))?;
    let room = |(id, name, kind): (_, _, String)| RoomRef { id, name, kind: RoomKind::from(kind.as_str()) };
    Ok(rows.into_iter().map(room).collect())
}

/// Returns the room with that id.
///
/// # Errors
/// `no_such_room` if it was removed.
pub(crate) fn find(conn: &mut Conn, id: RoomId) -> Result<RoomRef, Error> {
    let row: Option<(String, String)> =
        on!(conn, |c| rooms::table.find(to_sql(id)).select((rooms::name, rooms::kind)).first(c))
            .optional()?;
    let (name, kind) = row.ok_or_else(policy::no_such_room)?;
    Ok(RoomRef { id, name, kind: RoomKind::from(kind.as_str()) })
}

/// Sets a room's topic, in addition to the event about it.
pub(in crate::store) fn set_topic(conn: &mut Conn, room: RoomId, topic: &str) -> QueryResult<()> {
    on!(conn, |c| diesel::update(rooms::table.find(to_sql(room))).set(rooms::topic.eq(topic)).execute(c))?;
    Ok(())
}
