//! Rooms: made, found, listed.

use std::collections::HashMap;

use chat_proto::reply::RoomKind;
use chat_proto::{Millis, Seq, UserId};
use diesel::dsl::{exists, max, select};
use diesel::prelude::*;

use crate::error::Error;
use crate::store::consequence::Sight;
use crate::store::rows::RoomRow;
use crate::store::schema::{events, invites, members, rooms};
use crate::store::{Conn, RoomId, from_sql};

/// Most public and private rooms of a server. Rooms are all held in memory.
pub const MAX_ROOMS: i64 = 10_000;

/// Most public and private rooms a user can be in at once, and most direct ones; `hello.resume` names them
/// all in one frame.
pub const MAX_JOINED: i64 = 256;
/// See [`MAX_JOINED`].
pub const MAX_DIRECT: i64 = 512;

/// The newest seq of a room: the end of its stretch of the log's key.
pub fn head(conn: &mut Conn, room: RoomId) -> QueryResult<Seq> {
    let newest: Option<i64> =
        events::table.filter(events::room_id.eq(room)).select(max(events::seq)).first(conn)?;
    Ok(from_sql(newest.unwrap_or(0)))
}

/// Every room, and who sees it.
///
/// # Errors
/// If the database cannot be read.
pub fn all(conn: &mut Conn, sights: Vec<(RoomId, UserId, Sight)>) -> Result<Vec<RoomRow>, Error> {
    let mut seen_by: HashMap<RoomId, Vec<(UserId, Sight)>> = HashMap::new();
    for (room, user, sight) in sights {
        seen_by.entry(room).or_default().push((user, sight));
    }
    let rows: Vec<(RoomId, String, String, String)> =
        rooms::table.select((rooms::id, rooms::name, rooms::kind, rooms::topic)).load(conn)?;
    let complete = |(id, name, kind, topic): (RoomId, String, String, String)| {
        let (head, seen_by) = (head(conn, id)?, seen_by.remove(&id).unwrap_or_default());
        Ok(RoomRow { id, name, kind: RoomKind::from(kind.as_str()), topic, head, seen_by })
    };
    rows.into_iter().map(complete).collect()
}

/// Adds a room.
pub fn insert(
    conn: &mut Conn,
    name: &str,
    kind: RoomKind,
    topic: &str,
    by: Option<UserId>,
    now: Millis,
) -> QueryResult<RoomId> {
    diesel::insert_into(rooms::table)
        .values((
            rooms::name.eq(name),
            rooms::kind.eq(kind.as_str()),
            rooms::topic.eq(topic),
            rooms::created_by.eq(by),
            rooms::created_at.eq(now),
        ))
        .returning(rooms::id)
        .get_result(conn)
}

/// How many public and private rooms there are.
pub fn count(conn: &mut Conn) -> QueryResult<i64> {
    rooms::table.filter(rooms::kind.ne("direct")).count().get_result(conn)
}

/// Whether `user` sees a room of that name: a public one, or one that they are in or invited to.
pub fn is_seen(conn: &mut Conn, user: UserId, name: &str) -> QueryResult<bool> {
    let joined = rooms::id.eq_any(members::table.filter(members::user_id.eq(user)).select(members::room_id));
    let invited = rooms::id.eq_any(invites::table.filter(invites::user_id.eq(user)).select(invites::room_id));
    let seen =
        rooms::table.filter(rooms::name.eq(name)).filter(rooms::kind.eq("public").or(joined).or(invited));
    select(exists(seen)).get_result(conn)
}

/// The direct room of that name: its number and topic.
pub fn direct(conn: &mut Conn, name: &str) -> QueryResult<Option<(RoomId, String)>> {
    rooms::table
        .filter(rooms::name.eq(name).and(rooms::kind.eq("direct")))
        .select((rooms::id, rooms::topic))
        .first(conn)
        .optional()
}

/// Of a user's rooms, the number, name and kind.
///
/// # Errors
/// Where the database cannot be read.
pub fn of_user(conn: &mut Conn, user: UserId) -> Result<Vec<(RoomId, String, RoomKind)>, Error> {
    let rows: Vec<(RoomId, String, String)> = members::table
        .inner_join(rooms::table)
        .filter(members::user_id.eq(user))
        .select((rooms::id, rooms::name, rooms::kind))
        .order(rooms::id)
        .load(conn)?;
    Ok(rows.into_iter().map(|(id, name, kind)| (id, name, RoomKind::from(kind.as_str()))).collect())
}

/// A room's name and kind.
///
/// # Errors
/// Where the database cannot be read.
pub fn place(conn: &mut Conn, room: RoomId) -> Result<(String, RoomKind), Error> {
    let (name, kind): (String, String) =
        rooms::table.find(room).select((rooms::name, rooms::kind)).first(conn)?;
    Ok((name, RoomKind::from(kind.as_str())))
}

/// Sets a room's topic, beside the event that tells it.
pub(in crate::store) fn set_topic(conn: &mut Conn, room: RoomId, topic: &str) -> QueryResult<()> {
    diesel::update(rooms::table.find(room)).set(rooms::topic.eq(topic)).execute(conn)?;
    Ok(())
}
