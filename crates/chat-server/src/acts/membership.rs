//! Starts and ends memberships, for several acts.

use chat_proto::event::{Change, MemberChange};
use chat_proto::room::RoomKind;
use chat_proto::user::User;
use chat_proto::{ErrorCode, UserId};

use crate::error::Error;
use crate::id::RoomId;
use crate::store::consequence::{Consequence, Sight};
use crate::store::tables::events::DraftWhat;
use crate::store::tables::{members, rooms};
use crate::store::views::permissions;
use crate::store::{Draft, RoomRef, Tx};

/// Returns the event of a membership change.
#[must_use]
pub fn event(room: RoomId, by: &User, user: &User, change: Change) -> Draft {
    let change = MemberChange::new(user.clone(), change);
    Draft { room, by: by.clone(), what: DraftWhat::Member(Box::new(change)) }
}

/// Makes `user` a member, with everything so far marked as read. Returns whether they were not a member before.
///
/// # Errors
/// `forbidden` if the user is in too many rooms, or in another room with that name.
pub fn begin(tx: &mut Tx<'_>, user: UserId, room: &RoomRef) -> Result<bool, Error> {
    let now = tx.now();
    let conn = tx.conn();
    if members::role(conn, user, room.id)?.is_some() {
        return Ok(false);
    }
    permissions::refuse_too_many(conn, user, false)?;
    if members::is_in_another(conn, user, room.id, &room.name)? {
        let why = format!("You are in another room called {}. Leave that one first.", room.name);
        return Err(Error::refused(ErrorCode::Forbidden, why));
    }
    let head = rooms::head(conn, room.id)?;
    let conn = tx.conn_changing_rights();
    members::insert(conn, user, room.id, chat_proto::user::Role::Member, head, now)?;
    members::uninvite(conn, user, room.id)?;
    sight(tx, user, room, Sight::Member);
    Ok(true)
}

/// Ends a membership. Returns whether there was one. Sessions are unsubscribed by the event of the change, or by
/// [`Consequence::Left`].
pub fn end(tx: &mut Tx<'_>, user: UserId, room: &RoomRef) -> Result<bool, Error> {
    let was_member = members::leave(tx.conn_changing_rights(), user, room.id)?;
    sight(tx, user, room, Sight::Nothing);
    Ok(was_member)
}

/// Records how a user sees a room from now on, unless everyone sees it.
pub fn sight(tx: &mut Tx<'_>, user: UserId, room: &RoomRef, to: Sight) {
    if room.kind != RoomKind::Public {
        tx.then(Consequence::SightChanged { room: room.id, user, to });
    }
}
