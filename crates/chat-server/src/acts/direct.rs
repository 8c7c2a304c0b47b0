//! Opening the room that two users share alone.

use chat_proto::ErrorCode;
use chat_proto::event::User;
use chat_proto::reply::{Mine, Role, RoomKind};

use crate::error::Error;
use crate::policy::{self, Act as Right, Place};
use crate::store::consequence::Sight;
use crate::store::tables::{members, rooms, users};
use crate::store::views::permissions;
use crate::store::{Act, Admission, Consequence, RoomId, RoomRow, Tx};

/// Opens it. The other user's sessions are subscribed from the beginning.
pub struct OpenDirect {
    /// Who opens it.
    pub by: User,
    /// The other user's name.
    pub with: String,
}

impl Act for OpenDirect {
    type Answer = (RoomId, Admission, Mine);

    fn run(&mut self, tx: &mut Tx<'_>) -> Result<Self::Answer, Error> {
        let (now, user) = (tx.now(), self.by.id);
        let conn = tx.conn();
        let other = users::find(conn, &self.with)?.id;
        if other == user {
            let why = "A direct room has two users; that is yourself.";
            return Err(Error::refused(ErrorCode::BadRequest, why));
        }
        policy::may(&permissions::standing(conn, user, None)?, Right::Write, Place::Server, now)?;
        let name = format!("@{}-{}", user.min(other), user.max(other));
        let id = match rooms::direct(conn, &name)? {
            Some((id, _)) => id,
            None => make(tx, name, user, other)?,
        };
        let admission = tx.admission(user, id)?.ok_or_else(policy::no_such_room)?;
        Ok((id, admission, permissions::mine(tx.conn(), user, id, RoomKind::Direct, now)?))
    }
}

fn make(tx: &mut Tx<'_>, name: String, user: i64, other: i64) -> Result<RoomId, Error> {
    let (now, kind) = (tx.now(), RoomKind::Direct);
    for user in [user, other] {
        permissions::refuse_too_many(tx.conn(), user, true)?;
    }
    let conn = tx.conn_changing_rights();
    let (id, head) = rooms::insert(conn, &name, kind, "", Some(user), now)?;
    for user in [user, other] {
        members::insert(conn, user, id, Role::Member, head, now)?;
    }
    let seen_by = vec![(user, Sight::Member), (other, Sight::Member)];
    tx.then(Consequence::RoomOpened(RoomRow {
        id,
        name,
        kind,
        topic: String::new(),
        head,
        start: head,
        seen_by,
    }));
    let theirs = permissions::mine(tx.conn(), other, id, kind, now)?;
    if let Some(admission) = tx.admission(other, id)? {
        tx.then(Consequence::DirectOpened { admission, mine: theirs });
    }
    Ok(id)
}
