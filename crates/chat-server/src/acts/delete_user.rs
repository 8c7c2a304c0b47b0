//! Deletes a user.

use chat_proto::UserId;
use chat_proto::event::Change;
use chat_proto::room::RoomKind;
use chat_proto::user::Me;

use super::add_user::note;
use super::membership;
use crate::error::Error;
use crate::store::consequence::{Consequence, Logins, Sight};
use crate::store::rows::named;
use crate::store::tables::{logins, members, rooms, users};
use crate::store::{Act, Tx};

/// Deletes a user: their name, password, memberships and logins. Their messages stay.
pub(crate) struct DeleteUser {
    /// The user's name.
    pub(crate) name: String,
}

impl Act for DeleteUser {
    type Answer = Me;

    fn run(&mut self, tx: &mut Tx<'_>) -> Result<Me, Error> {
        let me = users::find(tx.conn(), &self.name)?;
        erase(tx, &me)?;
        note(tx, "user delete", &me.name, None)?;
        Ok(me)
    }
}

/// Deletes a user's name, password, memberships and logins.
pub(super) fn erase(tx: &mut Tx<'_>, me: &Me) -> Result<(), Error> {
    let user = named(me);
    for room in rooms::of_user(tx.conn(), me.id)? {
        if room.kind != RoomKind::Public {
            tx.append(membership::event(room.id, &user, &user, Change::Left))?;
        }
    }
    let conn = tx.conn_changing_rights();
    logins::end_all(conn, me.id, None)?;
    users::erase(conn, me.id)?;
    end_memberships(tx, me.id)?;
    tx.then(Consequence::LoginsEnded { user: Some(me.id), which: Logins::All, caller: None });
    Ok(())
}

/// Ends all memberships and invitations of a user, without an event.
pub(super) fn end_memberships(tx: &mut Tx<'_>, user: UserId) -> Result<(), Error> {
    for id in members::erase(tx.conn_changing_rights(), user)? {
        let room = rooms::find(tx.conn(), id)?;
        membership::sight(tx, user, &room, Sight::Nothing);
        tx.then(Consequence::Left { room: id, user });
    }
    Ok(())
}
