//! Who may read a file.

use chat_proto::{ErrorCode, Millis, UserId};

use crate::error::Error;
use crate::store::Conn;
use crate::store::tables::files::{self, StoredFile};
use crate::store::tables::{members, rooms, sanctions};
use chat_proto::policy;

/// Returns the file if this user may read it: their own that no message has yet, or one that a message has in a room
/// that they may read.
///
/// # Errors
/// `no_such_file`, which does not reveal the reason.
pub(crate) fn readable(conn: &mut Conn, id: &str, user: UserId, now: Millis) -> Result<StoredFile, Error> {
    let none = || Error::refused(ErrorCode::NoSuchFile, "There is no such file here.");
    let file = files::find(conn, id)?.ok_or_else(none)?;
    let places = files::rooms_of(conn, id)?;
    if places.is_empty() && file.owner_id == user {
        return Ok(file);
    }
    for room in places {
        let kind = rooms::find(conn, room)?.kind;
        let is_member = members::role(conn, user, room)?.is_some();
        let is_banned = sanctions::ban_in(conn, user, room, now)?.is_some();
        if policy::reads(kind, is_member, is_banned) {
            return Ok(file);
        }
    }
    Err(none())
}
