//! Memberships with roles and read marks, and invitations.

use chat_proto::room::Notify;
use chat_proto::user::{Role, User};
use chat_proto::{Millis, Seq, UserId};
use diesel::dsl::{exists, select};
use diesel::prelude::*;

use crate::error::Error;
use crate::id::RoomId;
use crate::store::consequence::Sight;
use crate::store::rows::erased_name;
use crate::store::schema::{invites, members, rooms, users};
use crate::store::{Conn, on, signed, to_sql};

/// Makes a user a member.
pub fn insert(
    conn: &mut Conn,
    user: UserId,
    room: RoomId,
    role: Role,
    read: Seq,
    now: Millis,
) -> QueryResult<()> {
    on!(conn, |c| diesel::insert_into(members::table)
        .values((
            members::user_id.eq(to_sql(user)),
            members::room_id.eq(to_sql(room)),
            members::role.eq(role.as_str()),
            members::read_seq.eq(to_sql(read)),
            members::joined_at.eq(to_sql(now)),
        ))
        .execute(c))?;
    Ok(())
}

/// Sets whether a room counts for a member. By default it does.
pub fn set_counts(conn: &mut Conn, user: UserId, room: RoomId, counts: bool) -> QueryResult<()> {
    on!(conn, |c| diesel::update(members::table.find((to_sql(user), to_sql(room))))
        .set(members::counts.eq(counts))
        .execute(c))?;
    Ok(())
}

/// Whether a room counts for a user. `None` if they are not a member.
pub fn counts(conn: &mut Conn, user: UserId, room: RoomId) -> QueryResult<Option<bool>> {
    on!(conn, |c| members::table.find((to_sql(user), to_sql(room))).select(members::counts).first(c))
        .optional()
}

/// Returns the rooms of a user that do not count for them, except the `newest` ones.
pub fn unanswered(conn: &mut Conn, user: UserId, newest: i64) -> QueryResult<Vec<RoomId>> {
    on!(conn, |c| members::table
        .filter(members::user_id.eq(to_sql(user)).and(members::counts.eq(false)))
        .select(members::room_id)
        .order((members::joined_at.desc(), members::room_id.desc()))
        .limit(i64::MAX)
        .offset(newest)
        .load(c))
}

/// Returns how many rooms count for a user: direct ones, or all others.
pub fn count_of(conn: &mut Conn, user: UserId, direct: bool) -> QueryResult<i64> {
    let of_user = members::user_id.eq(to_sql(user)).and(members::counts.eq(true));
    let mine = members::table.inner_join(rooms::table).filter(of_user);
    if direct {
        on!(conn, |c| mine.filter(rooms::kind.eq("direct")).count().get_result(c))
    } else {
        on!(conn, |c| mine.filter(rooms::kind.ne("direct")).count().get_result(c))
    }
}

/// Returns how many members a room has.
pub fn count_in(conn: &mut Conn, room: RoomId) -> QueryResult<i64> {
    on!(conn, |c| members::table.filter(members::room_id.eq(to_sql(room))).count().get_result(c))
}

/// Returns the role of `user` in `room`, or `None` if they are not a member.
pub fn role(conn: &mut Conn, user: UserId, room: RoomId) -> QueryResult<Option<Role>> {
    let role: Option<String> =
        on!(conn, |c| members::table.find((to_sql(user), to_sql(room))).select(members::role).first(c))
            .optional()?;
    Ok(role.as_deref().map(Role::from))
}

/// Returns the other user of a direct room, even if they were deleted and are no longer a member: the room's name
/// contains both ids.
pub fn partner(conn: &mut Conn, user: UserId, room: RoomId) -> QueryResult<Option<User>> {
    let name: String = on!(conn, |c| rooms::table.find(to_sql(room)).select(rooms::name).first(c))?;
    let ids = name.trim_start_matches('@').split('-').filter_map(|id| id.parse().ok());
    let Some(other) = ids.into_iter().find(|id: &UserId| *id != user) else { return Ok(None) };
    let row: Option<(UserId, String)> =
        on!(conn, |c| users::table.find(to_sql(other)).select((users::id, users::name)).first(c))
            .optional()?;
    // A guest who wrote nothing was removed completely.
    let (id, name) = row.unwrap_or_else(|| (other, erased_name(other)));
    Ok(Some(User { id, name }))
}

/// Ends a membership. Returns whether there was one.
pub fn leave(conn: &mut Conn, user: UserId, room: RoomId) -> Result<bool, Error> {
    Ok(on!(conn, |c| diesel::delete(members::table.find((to_sql(user), to_sql(room)))).execute(c))? > 0)
}

/// Sets a member's role.
pub fn set_role(conn: &mut Conn, user: UserId, room: RoomId, role: Role) -> Result<(), Error> {
    on!(conn, |c| diesel::update(members::table.find((to_sql(user), to_sql(room))))
        .set(members::role.eq(role.as_str()))
        .execute(c))?;
    Ok(())
}

/// Returns how many owners and how many members a room has.
pub fn owners_and_members(conn: &mut Conn, room: RoomId) -> Result<(i64, i64), Error> {
    let all = members::table.filter(members::room_id.eq(to_sql(room)));
    Ok((
        on!(conn, |c| all.filter(members::role.eq("owner")).count().get_result(c))?,
        on!(conn, |c| all.count().get_result(c))?,
    ))
}

/// Invites `user` to a private room.
pub fn invite(conn: &mut Conn, user: UserId, room: RoomId, by: UserId, now: Millis) -> Result<(), Error> {
    uninvite(conn, user, room)?;
    on!(conn, |c| diesel::insert_into(invites::table)
        .values((
            invites::user_id.eq(to_sql(user)),
            invites::room_id.eq(to_sql(room)),
            invites::by_user.eq(to_sql(by)),
            invites::at.eq(to_sql(now)),
        ))
        .execute(c))?;
    Ok(())
}

/// Deletes an invitation, because it was taken back or used.
pub fn uninvite(conn: &mut Conn, user: UserId, room: RoomId) -> Result<(), Error> {
    on!(conn, |c| diesel::delete(invites::table.find((to_sql(user), to_sql(room)))).execute(c))?;
    Ok(())
}

/// Returns how many users are invited to a room.
pub fn count_invited(conn: &mut Conn, room: RoomId) -> QueryResult<i64> {
    on!(conn, |c| invites::table.filter(invites::room_id.eq(to_sql(room))).count().get_result(c))
}

/// Whether `user` is invited to this private room.
pub fn is_invited(conn: &mut Conn, user: UserId, room: RoomId) -> Result<bool, Error> {
    Ok(on!(conn, |c| invites::table.find((to_sql(user), to_sql(room))).count().get_result::<i64>(c))? > 0)
}

/// Sets which messages of a room notify a user.
pub fn set_notify(conn: &mut Conn, user: UserId, room: RoomId, level: Notify) -> Result<(), Error> {
    on!(conn, |c| diesel::update(members::table.find((to_sql(user), to_sql(room))))
        .set(members::notify.eq(level.as_str()))
        .execute(c))?;
    Ok(())
}

/// Sets the read mark, forwards or back.
pub fn mark_read(conn: &mut Conn, user: UserId, room: RoomId, read: Seq) -> Result<(), Error> {
    on!(conn, |c| diesel::update(members::table.find((to_sql(user), to_sql(room))))
        .set(members::read_seq.eq(to_sql(read)))
        .execute(c))?;
    Ok(())
}

/// Returns members whose names start with `prefix`, by name, up to `limit`: the user, and the roles in the room and
/// on the server.
pub fn list(
    conn: &mut Conn,
    room: RoomId,
    prefix: &str,
    limit: usize,
) -> QueryResult<Vec<(User, Role, Role)>> {
    let pattern = format!("{}%", prefix.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_"));
    let rows: Vec<(UserId, String, String, String)> = on!(conn, |c| members::table
        .inner_join(users::table)
        .filter(members::room_id.eq(to_sql(room)).and(users::name.like(pattern).escape('\\')))
        .select((users::id, users::name, members::role, users::role))
        .order(users::name)
        .limit(signed(limit as u64))
        .load(c))?;
    let member = |(id, name, role, server): (UserId, String, String, String)| {
        (User { id, name }, Role::from(role.as_str()), Role::from(server.as_str()))
    };
    Ok(rows.into_iter().map(member).collect())
}

/// Whether the user is a member of another room with that name.
pub fn is_in_another(conn: &mut Conn, user: UserId, room: RoomId, name: &str) -> QueryResult<bool> {
    let others = members::table
        .inner_join(rooms::table)
        .filter(members::user_id.eq(to_sql(user)).and(rooms::name.eq(name)).and(rooms::id.ne(to_sql(room))));
    on!(conn, |c| select(exists(others)).get_result(c))
}

/// Ends all of a user's memberships and invitations, and returns the rooms.
pub fn erase(conn: &mut Conn, user: UserId) -> QueryResult<Vec<RoomId>> {
    let mut rooms: Vec<RoomId> = on!(conn, |c| members::table
        .filter(members::user_id.eq(to_sql(user)))
        .select(members::room_id)
        .load(c))?;
    rooms.extend(on!(conn, |c| invites::table
        .filter(invites::user_id.eq(to_sql(user)))
        .select(invites::room_id)
        .load::<RoomId>(c))?);
    on!(conn, |c| diesel::delete(members::table.filter(members::user_id.eq(to_sql(user)))).execute(c))?;
    on!(conn, |c| diesel::delete(invites::table.filter(invites::user_id.eq(to_sql(user)))).execute(c))?;
    Ok(rooms)
}

/// Ends all memberships of a room and all invitations to it.
pub fn forget_room(conn: &mut Conn, room: RoomId) -> QueryResult<()> {
    on!(conn, |c| diesel::delete(members::table.filter(members::room_id.eq(to_sql(room)))).execute(c))?;
    on!(conn, |c| diesel::delete(invites::table.filter(invites::room_id.eq(to_sql(room)))).execute(c))?;
    Ok(())
}

/// Returns who sees which private or direct room, and how.
pub(in crate::store) fn sights(conn: &mut Conn) -> QueryResult<Vec<(RoomId, UserId, Sight)>> {
    let members = on!(conn, |c| members::table
        .inner_join(rooms::table)
        .filter(rooms::kind.ne("public"))
        .select((members::room_id, members::user_id))
        .load::<(RoomId, UserId)>(c))?;
    let invited = on!(conn, |c| invites::table
        .select((invites::room_id, invites::user_id, invites::at))
        .load::<(RoomId, UserId, Millis)>(c))?;
    let invited = invited.into_iter().map(|(room, user, at)| (room, user, Sight::Invited(at)));
    Ok(invited.chain(members.into_iter().map(|(room, user)| (room, user, Sight::Member))).collect())
}
