//! Who is in which room, and how far each has read.

use chat_proto::event::User;
use chat_proto::reply::Role;
use chat_proto::{ErrorCode, Millis, Seq, UserId};
use diesel::prelude::*;

use super::rooms::MAX_JOINED;
use super::schema::{members, users};
use super::{Conn, RoomId, to_sql};
use crate::error::Error;

pub(super) fn insert(
    conn: &mut Conn,
    user: UserId,
    room: RoomId,
    role: &str,
    read: Seq,
    now: Millis,
) -> QueryResult<()> {
    diesel::insert_into(members::table)
        .values((
            members::user_id.eq(user),
            members::room_id.eq(room),
            members::role.eq(role),
            members::read_seq.eq(to_sql(read)),
            members::joined_at.eq(now),
        ))
        .execute(conn)?;
    Ok(())
}

pub(super) fn refuse_too_many(conn: &mut Conn, user: UserId) -> Result<(), Error> {
    let joined: i64 = members::table.filter(members::user_id.eq(user)).count().get_result(conn)?;
    if joined >= MAX_JOINED {
        let why =
            format!("You are in {MAX_JOINED} rooms, which is as many as one can be in. Leave one first.");
        return Err(Error::refused(ErrorCode::Forbidden, why));
    }
    Ok(())
}

/// Makes `user` a member, with everything so far read. Being one already changes nothing.
///
/// # Errors
/// `forbidden` where the user is in too many rooms.
pub fn join(conn: &mut Conn, user: UserId, room: RoomId, now: Millis) -> Result<(), Error> {
    if is_member(conn, user, room)? {
        return Ok(());
    }
    refuse_too_many(conn, user)?;
    let head = super::rooms::head(conn, room)?;
    Ok(insert(conn, user, room, "member", head, now)?)
}

/// Whether `user` has joined `room`.
///
/// # Errors
/// Where the database cannot be read.
pub fn is_member(conn: &mut Conn, user: UserId, room: RoomId) -> Result<bool, Error> {
    Ok(members::table.find((user, room)).count().get_result::<i64>(conn)? > 0)
}

/// Ends a membership. Being none changes nothing.
///
/// # Errors
/// Where the database cannot be written.
pub fn leave(conn: &mut Conn, user: UserId, room: RoomId) -> Result<(), Error> {
    diesel::delete(members::table.find((user, room))).execute(conn)?;
    Ok(())
}

/// Sets the read mark, forwards or back.
///
/// # Errors
/// Where the database cannot be written.
pub fn mark_read(conn: &mut Conn, user: UserId, room: RoomId, read: Seq) -> Result<(), Error> {
    diesel::update(members::table.find((user, room)))
        .set(members::read_seq.eq(to_sql(read)))
        .execute(conn)?;
    Ok(())
}

/// Members by name whose names start with `prefix`.
///
/// # Errors
/// Where the database cannot be read.
pub fn list(conn: &mut Conn, room: RoomId, prefix: &str, limit: usize) -> Result<Vec<(User, Role)>, Error> {
    let pattern = format!("{}%", prefix.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_"));
    let rows: Vec<(UserId, String, String)> = members::table
        .inner_join(users::table)
        .filter(members::room_id.eq(room).and(users::name.like(pattern).escape('\\')))
        .select((users::id, users::name, members::role))
        .order(users::name)
        .limit(to_sql(limit as Seq))
        .load(conn)?;
    let role = |text: &str| match text {
        "owner" => Role::Owner,
        "moderator" => Role::Moderator,
        _ => Role::Member,
    };
    Ok(rows.into_iter().map(|(id, name, r)| (User { id, name }, role(&r))).collect())
}
