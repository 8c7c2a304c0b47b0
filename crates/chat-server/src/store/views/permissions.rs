//! What a user may do, from their roles, memberships, mutes and bans.

use chat_proto::room::{Mine, RoomKind};
use chat_proto::user::Role;
use chat_proto::{ErrorCode, Millis, UserId};
use diesel::prelude::*;

use crate::error::Error;
use crate::id::RoomId;
use crate::store::admission::{Admission, Moment};
use crate::store::tables::rooms::{MAX_DIRECT, MAX_JOINED};
use crate::store::tables::{members, rooms, sanctions, users};
use crate::store::{Conn, on, schema, to_sql};
use chat_proto::policy::Permissions;

/// Returns the permissions of `user` in `room`, or on the whole server if that is `None`.
pub(crate) fn of(conn: &mut Conn, user: UserId, room: Option<RoomId>) -> Result<Permissions, Error> {
    let server: String =
        on!(conn, |c| schema::users::table.find(to_sql(user)).select(schema::users::role).first(c))?;
    let in_room = match room {
        Some(room) => members::role(conn, user, room)?,
        None => None,
    };
    let is_alone = match room {
        Some(room) if rooms::find(conn, room)?.kind == RoomKind::Direct => {
            match members::partner(conn, user, room)? {
                Some(partner) => users::is_erased(conn, partner.id)?,
                None => true,
            }
        }
        _ => false,
    };
    let mutes = sanctions::mutes(conn, user)?;
    let mute = sanctions::mute_in(&mutes, room);
    Ok(Permissions { server: Role::from(server.as_str()), room: in_room, mute, is_alone })
}

/// Returns a user's own role and mute in a room, as replies contain them.
pub(crate) fn mine(
    conn: &mut Conn,
    user: UserId,
    room: RoomId,
    kind: RoomKind,
    now: Millis,
) -> Result<Mine, Error> {
    let permissions = of(conn, user, Some(room))?;
    let partner = if kind == RoomKind::Direct { members::partner(conn, user, room)? } else { None };
    Ok(Mine { role: permissions.room, muted: permissions.mute.filter(|mute| mute.holds(now)), user: partner })
}

/// Returns the admission of a user to a room as of a moment, or `None` if they are not a member.
pub(in crate::store) fn admission(
    conn: &mut Conn,
    user: UserId,
    room: RoomId,
    as_of: Moment,
) -> QueryResult<Option<Admission>> {
    if members::role(conn, user, room)?.is_none() {
        return Ok(None);
    }
    let mute = sanctions::mute_in(&sanctions::mutes(conn, user)?, Some(room));
    Ok(Some(Admission::new(room, user, as_of, mute)))
}

/// Refuses another room if a user is in the maximum number. Direct rooms are counted separately, so that nobody can
/// use up someone else's rooms by opening direct ones.
///
/// # Errors
/// `forbidden`.
pub(crate) fn refuse_too_many(conn: &mut Conn, user: UserId, direct: bool) -> Result<(), Error> {
    let most = if direct { MAX_DIRECT } else { MAX_JOINED };
    if members::count_of(conn, user, direct)? >= most {
        let why = format!("A user can be in {most} rooms of that kind. Leave one first.");
        return Err(Error::refused(ErrorCode::Forbidden, why));
    }
    Ok(())
}
