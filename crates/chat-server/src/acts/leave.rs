//! Leaves a room, or declines an invitation to one.

use chat_proto::ErrorCode;
use chat_proto::event::Change;
use chat_proto::room::RoomKind;
use chat_proto::user::{Role, User};

use super::membership;
use crate::error::Error;
use crate::store::consequence::Sight;
use crate::store::tables::members;
use crate::store::views::permissions;
use crate::store::{Act, Consequence, RoomRef, Tx};
use chat_proto::policy::{self, Right, Scope};

/// Ends the membership of `by` in a room, or declines the invitation to it. In a direct room, the user becomes a
/// member again when the other user writes.
pub struct Leave {
    /// The user.
    pub by: User,
    /// The room.
    pub room: RoomRef,
    /// Whether the user was only invited at the time of the command. If a member is removed before this act runs, the
    /// invitation that the removal left them stays.
    pub declines: bool,
}

impl Act for Leave {
    type Answer = ();

    fn run(&mut self, tx: &mut Tx<'_>) -> Result<(), Error> {
        let (by, room) = (&self.by, &self.room);
        if self.declines {
            if members::role(tx.conn(), by.id, room.id)?.is_none() {
                members::uninvite(tx.conn(), by.id, room.id)?;
                membership::sight(tx, by.id, room, Sight::Nothing);
            }
            return Ok(());
        }
        let now = tx.now();
        let permissions = permissions::of(tx.conn(), by.id, Some(room.id))?;
        policy::may(&permissions, Right::Read, Scope::Room(&room.name, room.kind), now)?;
        if room.kind == RoomKind::Private {
            let conn = tx.conn();
            let (owners, all) = members::owners_and_members(conn, room.id)?;
            let is_owner = permissions.room == Some(Role::Owner);
            if is_owner && owners == 1 && all > 1 {
                let why = "You are the only owner, and without one nobody could be invited any more. Make someone else owner first.";
                return Err(Error::refused(ErrorCode::Forbidden, why));
            }
        }
        if membership::end(tx, by.id, room)? && room.kind == RoomKind::Private {
            tx.append(membership::event(room.id, by, by, Change::Left))?;
        }
        tx.then(Consequence::Left { room: room.id, user: by.id });
        Ok(())
    }
}
