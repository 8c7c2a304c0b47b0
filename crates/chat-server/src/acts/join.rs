//! Joins a room.

use chat_proto::ErrorCode;
use chat_proto::event::Change;
use chat_proto::room::{Mine, RoomKind};
use chat_proto::user::User;

use super::membership;
use crate::error::Error;
use crate::store::tables::{members, rooms, sanctions};
use crate::store::views::permissions;
use crate::store::{Act, Admission, RoomRef, Tx};
use chat_proto::policy;

/// Makes `by` a member of a room that they may join. Nothing changes for a user who already is one.
pub(crate) struct Join {
    /// The user.
    pub(crate) by: User,
    /// The room.
    pub(crate) room: RoomRef,
}

impl Act for Join {
    type Answer = (Admission, Mine);

    fn run(&mut self, tx: &mut Tx<'_>) -> Result<(Admission, Mine), Error> {
        let (by, RoomRef { id, name, kind }) = (&self.by, &self.room);
        let now = tx.now();
        let conn = tx.conn();
        // The room may have been removed.
        rooms::find(conn, *id)?;
        let is_member = members::role(conn, by.id, *id)?.is_some();
        let is_invited = members::is_invited(conn, by.id, *id)?;
        if !policy::sees(*kind, is_member, is_invited) {
            return Err(policy::no_such_room().into());
        }
        if let Some(ban) = sanctions::ban_in(conn, by.id, *id, now)? {
            let (term, why) = (policy::term(ban.until, now), policy::because(ban.reason.as_deref()));
            return Err(Error::refused(
                ErrorCode::Banned,
                format!("You are banned from #{name} {term}{why}."),
            ));
        }
        if membership::begin(tx, by.id, &self.room)? && *kind == RoomKind::Private {
            tx.append(membership::event(*id, by, by, Change::Joined))?;
        }
        let admission = tx.admission(by.id, *id)?.ok_or_else(policy::no_such_room)?;
        Ok((admission, permissions::mine(tx.conn(), by.id, *id, *kind, now)?))
    }
}
