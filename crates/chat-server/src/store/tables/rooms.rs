//! Rooms: made, found, listed.

use std::collections::HashMap;

use chat_proto::room::RoomKind;
use chat_proto::{Millis, Seq, UserId};
use diesel::dsl::{exists, select};
use diesel::prelude::*;

use crate::error::Error;
use crate::store::consequence::Sight;
use crate::store::rows::{RoomRef, RoomRow};
use crate::store::schema::{invites, members, removed_rooms, rooms};
use crate::store::sqlite::heads;
use crate::store::{Conn, RoomId, on, to_sql};
use chat_proto::policy;

/// The room that exists from the first start.
pub const DEFAULT_ROOM: &str = "general";

/// Most public and private rooms of a server. Rooms are all held in memory.
pub const MAX_ROOMS: i64 = 10_000;

/// Most public and private rooms a user can be in at once, and most direct ones; `hello.resume` names them
/// all in one frame.
pub const MAX_JOINED: i64 = 256;
/// See [`MAX_JOINED`].
pub const MAX_DIRECT: i64 = 512;

/// The newest seq of a room. A room without events has the seq above which it starts.
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

/// Every room, and who sees it.
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

/// Adds a room. Answers its number, and after which seq it starts.
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

/// Removes a room to which nothing refers any more. Later rooms start above its seqs, and above the one with which its
/// members are told of the removal.
pub fn remove(conn: &mut Conn, room: RoomId, head: Seq) -> QueryResult<()> {
    on!(conn, |c| diesel::delete(rooms::table.find(to_sql(room))).execute(c))?;
    let above = head.next().next();
    on!(conn, |c| diesel::update(removed_rooms::table.filter(removed_rooms::above.lt(to_sql(above))))
        .set(removed_rooms::above.eq(to_sql(above)))
        .execute(c))?;
    Ok(())
}

/// Forgets that a user made rooms.
pub fn forget_maker(conn: &mut Conn, user: UserId) -> QueryResult<()> {
    on!(conn, |c| diesel::update(rooms::table.filter(rooms::created_by.eq(to_sql(user))))
        .set(rooms::created_by.eq(to_sql(None::<UserId>)))
        .execute(c))?;
    Ok(())
}

/// Notes since when nobody uses these rooms, in age time, or that someone does.
pub fn set_unused_since(conn: &mut Conn, ids: &[RoomId], since: Option<Millis>) -> QueryResult<()> {
    on!(conn, |c| diesel::update(rooms::table.filter(rooms::id.eq_any(ids.iter().copied().map(to_sql))))
        .set(rooms::unused_since.eq(to_sql(since)))
        .execute(c))?;
    Ok(())
}

/// The numbers of the rooms of that name.
pub fn named(conn: &mut Conn, name: &str) -> QueryResult<Vec<RoomId>> {
    on!(conn, |c| rooms::table.filter(rooms::name.eq(name)).select(rooms::id).order(rooms::id).load(c))
}

/// How many public and private rooms there are.
pub fn count(conn: &mut Conn) -> QueryResult<i64> {
    on!(conn, |c| rooms::table.filter(rooms::kind.ne("direct")).count().get_result(c))
}

/// How many public and private rooms there are that a user made.
pub fn count_made(conn: &mut Conn, by: UserId) -> QueryResult<i64> {
    on!(conn, |c| rooms::table
        .filter(rooms::created_by.eq(to_sql(by)).and(rooms::kind.ne("direct")))
        .count()
        .get_result(c))
}

/// How many direct rooms there are.
pub fn count_direct(conn: &mut Conn) -> QueryResult<i64> {
    on!(conn, |c| rooms::table.filter(rooms::kind.eq("direct")).count().get_result(c))
}

/// Whether `user` sees a room of that name: a public one, or one that they are in or invited to.
pub fn is_seen(conn: &mut Conn, user: UserId, name: &str) -> QueryResult<bool> {
    let joined =
        rooms::id.eq_any(members::table.filter(members::user_id.eq(to_sql(user))).select(members::room_id));
    let invited =
        rooms::id.eq_any(invites::table.filter(invites::user_id.eq(to_sql(user))).select(invites::room_id));
    let seen =
        rooms::table.filter(rooms::name.eq(name)).filter(rooms::kind.eq("public").or(joined).or(invited));
    on!(conn, |c| select(exists(seen)).get_result(c))
}

/// The direct room of that name: its number and topic.
pub fn direct(conn: &mut Conn, name: &str) -> QueryResult<Option<(RoomId, String)>> {
    on!(conn, |c| rooms::table
        .filter(rooms::name.eq(name).and(rooms::kind.eq("direct")))
        .select((rooms::id, rooms::topic))
        .first(c))
    .optional()
}

/// The rooms that a user is in.
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

/// The room of that number.
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

/// Sets a room's topic, beside the event that tells it.
pub(in crate::store) fn set_topic(conn: &mut Conn, room: RoomId, topic: &str) -> QueryResult<()> {
    on!(conn, |c| diesel::update(rooms::table.find(to_sql(room))).set(rooms::topic.eq(topic)).execute(c))?;
    Ok(())
}
