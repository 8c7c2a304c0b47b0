//! Who is in which room and what they may do there, who is invited, and how far each has read.

use std::collections::HashMap;

use chat_proto::event::User;
use chat_proto::reply::{Member, Mine, Mute, Notify, Role, RoomKind};
use chat_proto::{ErrorCode, Millis, Seq, UserId};
use diesel::prelude::*;

use super::rooms::{MAX_DIRECT, MAX_JOINED};
use super::schema::{invites, members, rooms, users};
use super::users::{role_from, role_name};
use super::{Conn, RoomId, sanctions, to_sql};
use crate::error::Error;
use crate::policy::Standing;

pub(super) fn insert(
    conn: &mut Conn,
    user: UserId,
    room: RoomId,
    role: Role,
    read: Seq,
    now: Millis,
) -> QueryResult<()> {
    diesel::insert_into(members::table)
        .values((
            members::user_id.eq(user),
            members::room_id.eq(room),
            members::role.eq(role_name(role)),
            members::read_seq.eq(to_sql(read)),
            members::joined_at.eq(now),
        ))
        .execute(conn)?;
    Ok(())
}

/// Refuses where `user` is in as many rooms as one can be in; direct ones are counted apart, so that nobody
/// can fill up the other kind for someone else.
pub(super) fn refuse_too_many(conn: &mut Conn, user: UserId, direct: bool) -> Result<(), Error> {
    let mine = members::table.inner_join(rooms::table).filter(members::user_id.eq(user));
    let (joined, most): (i64, _) = if direct {
        (mine.filter(rooms::kind.eq("direct")).count().get_result(conn)?, MAX_DIRECT)
    } else {
        (mine.filter(rooms::kind.ne("direct")).count().get_result(conn)?, MAX_JOINED)
    };
    if joined >= most {
        let why =
            format!("One can be in {most} rooms of that sort, and this would be one more. Leave one first.");
        return Err(Error::refused(ErrorCode::Forbidden, why));
    }
    Ok(())
}

/// Makes `user` a member, with everything so far read. Tells whether they were none before.
///
/// # Errors
/// `forbidden` where the user is in too many rooms.
pub fn join(conn: &mut Conn, user: UserId, room: RoomId, now: Millis) -> Result<bool, Error> {
    if role(conn, user, room)?.is_some() {
        return Ok(false);
    }
    refuse_too_many(conn, user, false)?;
    let head = super::rooms::head(conn, room)?;
    insert(conn, user, room, Role::Member, head, now)?;
    uninvite(conn, user, room)?;
    Ok(true)
}

/// What `user` is in `room`; none without membership.
pub(super) fn role(conn: &mut Conn, user: UserId, room: RoomId) -> QueryResult<Option<Role>> {
    let role: Option<String> =
        members::table.find((user, room)).select(members::role).first(conn).optional()?;
    Ok(role.as_deref().map(role_from))
}

/// What `user` may do in `room`, or with `None` on the whole server.
///
/// # Errors
/// Where the database cannot be read.
pub fn standing(conn: &mut Conn, user: UserId, room: Option<RoomId>) -> Result<Standing, Error> {
    let server: String = users::table.find(user).select(users::role).first(conn)?;
    let in_room = match room {
        Some(room) => role(conn, user, room)?,
        None => None,
    };
    let mutes = sanctions::mutes(conn, user)?;
    Ok(Standing { server: role_from(&server), room: in_room, mute: sanctions::mute_in(&mutes, room) })
}

/// How `user` stands in a room, as replies tell it.
///
/// # Errors
/// Where the database cannot be read.
pub fn mine(conn: &mut Conn, user: UserId, room: RoomId, kind: RoomKind, now: Millis) -> Result<Mine, Error> {
    let standing = standing(conn, user, Some(room))?;
    let partner = if kind == RoomKind::Direct { partner(conn, user, room)? } else { None };
    Ok(Mine { role: standing.room, muted: standing.mute.filter(|mute| mute.holds(now)), user: partner })
}

/// The other user of a direct room.
pub(super) fn partner(conn: &mut Conn, user: UserId, room: RoomId) -> QueryResult<Option<User>> {
    let row: Option<(UserId, String)> = members::table
        .inner_join(users::table)
        .filter(members::room_id.eq(room).and(members::user_id.ne(user)))
        .select((users::id, users::name))
        .first(conn)
        .optional()?;
    Ok(row.map(|(id, name)| User { id, name }))
}

/// Ends a membership. Tells whether there was one.
///
/// # Errors
/// Where the database cannot be written.
pub fn leave(conn: &mut Conn, user: UserId, room: RoomId) -> Result<bool, Error> {
    Ok(diesel::delete(members::table.find((user, room))).execute(conn)? > 0)
}

/// Sets what a member may do.
///
/// # Errors
/// Where the database cannot be written.
pub fn set_role(conn: &mut Conn, user: UserId, room: RoomId, role: Role) -> Result<(), Error> {
    diesel::update(members::table.find((user, room))).set(members::role.eq(role_name(role))).execute(conn)?;
    Ok(())
}

/// How many owners and how many members a room has.
///
/// # Errors
/// Where the database cannot be read.
pub fn owners_and_members(conn: &mut Conn, room: RoomId) -> Result<(i64, i64), Error> {
    let all = members::table.filter(members::room_id.eq(room));
    Ok((all.filter(members::role.eq("owner")).count().get_result(conn)?, all.count().get_result(conn)?))
}

/// Lets `user` into a private room.
///
/// # Errors
/// Where the database cannot be written.
pub fn invite(conn: &mut Conn, user: UserId, room: RoomId, by: UserId, now: Millis) -> Result<(), Error> {
    uninvite(conn, user, room)?;
    diesel::insert_into(invites::table)
        .values((
            invites::user_id.eq(user),
            invites::room_id.eq(room),
            invites::by_user.eq(by),
            invites::at.eq(now),
        ))
        .execute(conn)?;
    Ok(())
}

/// Takes an invitation back, or uses it up.
///
/// # Errors
/// Where the database cannot be written.
pub fn uninvite(conn: &mut Conn, user: UserId, room: RoomId) -> Result<(), Error> {
    diesel::delete(invites::table.find((user, room))).execute(conn)?;
    Ok(())
}

/// Whether `user` may enter this private room.
///
/// # Errors
/// Where the database cannot be read.
pub fn is_invited(conn: &mut Conn, user: UserId, room: RoomId) -> Result<bool, Error> {
    Ok(invites::table.find((user, room)).count().get_result::<i64>(conn)? > 0)
}

/// What a user wants to be told of, as it is stored. What is unknown is everything.
pub(super) fn notify_from(text: &str) -> Notify {
    match text {
        "mentions" => Notify::Mentions,
        "none" => Notify::None,
        _ => Notify::All,
    }
}

/// Says what of a room a user wants to be told of.
///
/// # Errors
/// Where the database cannot be written.
pub fn set_notify(conn: &mut Conn, user: UserId, room: RoomId, level: Notify) -> Result<(), Error> {
    let text = match level {
        Notify::All => "all",
        Notify::Mentions => "mentions",
        Notify::None => "none",
    };
    diesel::update(members::table.find((user, room))).set(members::notify.eq(text)).execute(conn)?;
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

/// Members by name whose names start with `prefix`; who of them is online is for the room to say.
///
/// # Errors
/// Where the database cannot be read.
pub fn list(
    conn: &mut Conn,
    room: RoomId,
    prefix: &str,
    limit: usize,
    now: Millis,
) -> Result<Vec<Member>, Error> {
    let pattern = format!("{}%", prefix.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_"));
    let rows: Vec<(UserId, String, String, String)> = members::table
        .inner_join(users::table)
        .filter(members::room_id.eq(room).and(users::name.like(pattern).escape('\\')))
        .select((users::id, users::name, members::role, users::role))
        .order(users::name)
        .limit(to_sql(limit as Seq))
        .load(conn)?;
    let mut mutes: HashMap<UserId, Option<Millis>> = HashMap::new();
    for (user, Mute { until, .. }) in sanctions::muted_in(conn, room, now)? {
        let known = mutes.entry(user).or_insert(until);
        *known = known.zip(until).map(|(a, b)| a.max(b));
    }
    let member = |(id, name, role, server): (UserId, String, String, String)| Member {
        user: User { id, name },
        role: role_from(&role),
        admin: role_from(&server) == Role::Admin,
        online: false,
        muted: mutes.contains_key(&id),
        muted_until: mutes.get(&id).copied().flatten(),
    };
    Ok(rows.into_iter().map(member).collect())
}
