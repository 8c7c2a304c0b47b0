//! What a user may do, from their roles, memberships, mutes and bans.

use chat_proto::room::{Mine, RoomKind};
use chat_proto::user::Role;
use chat_proto::{ErrorCode, Millis, UserId};
use diesel::prelude::*;

use crate::error::Error;
use crate::store::admission::{Admission, Moment};
use crate::store::tables::rooms::{MAX_DIRECT, MAX_JOINED};
use crate::store::tables::{members, rooms, sanctions, users};
use crate::store::{Conn, RoomId, on, schema, to_sql};
use chat_proto::policy::Permissions;

/// What `user` may do in `room`, or with `None` on the whole server.
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

/// A user's own permissions in a room, as replies tell them.
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

/// That the user may subscribe to a room as of a moment; none if they are no member.
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

/// Refuses another room to a user who is in as many as one can be in. Direct ones are counted apart, so that nobody can
/// fill up the other kind for someone else.
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
