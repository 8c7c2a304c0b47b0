//! Removes guests who cannot come back.

use chat_proto::UserId;

use super::delete_user::{end_memberships, erase};
use crate::error::Error;
use crate::store::tables::{logins, messages, rooms, sanctions, users};
use crate::store::views::gone_guests::Gone;
use crate::store::{Act, Tx};

/// Removes guests who have written nothing, and takes the names of the others, whose messages stay.
pub(crate) struct ExpireGuests {
    /// The guests found by an earlier read. Without a login, none of them can have come back since.
    pub(crate) gone: Gone,
}

impl Act for ExpireGuests {
    type Answer = ();

    fn run(&mut self, tx: &mut Tx<'_>) -> Result<(), Error> {
        for &id in &self.gone.silent {
            remove(tx, id)?;
        }
        for &id in &self.gone.named {
            let me = users::by_id(tx.conn(), id)?;
            erase(tx, &me)?;
        }
        Ok(())
    }
}

/// Removes a user who does not occur in the log.
fn remove(tx: &mut Tx<'_>, id: UserId) -> Result<(), Error> {
    end_memberships(tx, id)?;
    let conn = tx.conn_changing_rights();
    logins::end_all(conn, id, None)?;
    messages::forget_user(conn, id)?;
    sanctions::forget_user(conn, id)?;
    rooms::forget_maker(conn, id)?;
    users::remove(conn, id)?;
    Ok(())
}
