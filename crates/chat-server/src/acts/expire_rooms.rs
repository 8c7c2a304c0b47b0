//! Removes unused rooms.

use super::delete_room::remove;
use crate::error::Error;
use crate::store::tables::rooms;
use crate::store::views::unused::{self, Changes};
use crate::store::{Act, Tx};

/// Stores since when rooms are unused, and removes those that have been unused for long enough.
pub(crate) struct ExpireRooms {
    /// The changes found by an earlier read.
    pub(crate) changes: Changes,
}

impl Act for ExpireRooms {
    type Answer = ();

    fn run(&mut self, tx: &mut Tx<'_>) -> Result<(), Error> {
        let age = tx.time().age;
        let conn = tx.conn();
        rooms::set_unused_since(conn, &self.changes.used, None)?;
        rooms::set_unused_since(conn, &self.changes.fresh, Some(age))?;
        for &room in &self.changes.due {
            // Someone may have come back since.
            if unused::is_unused(tx.conn(), room)? {
                remove(tx, room, None)?;
            }
        }
        Ok(())
    }
}
