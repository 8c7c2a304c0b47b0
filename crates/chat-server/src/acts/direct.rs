//! Opens a direct room, or opens it again after a user left it.

use chat_proto::room::{Mine, RoomKind};
use chat_proto::user::{Role, User};
use chat_proto::{ErrorCode, UserId};

use super::membership;
use super::quota::Quota;
use crate::error::Error;
use crate::id::RoomId;
use crate::store::consequence::Sight;
use crate::store::direct;
use crate::store::tables::{members, rooms, users};
use crate::store::views::permissions;
use crate::store::{Act, Admission, Consequence, RoomRef, RoomRow, Tx};
use chat_proto::policy::{self, Right, Scope};

/// Opens a direct room. If it is new, the other user's sessions are subscribed from its beginning.
pub(crate) struct OpenDirect {
    /// The user who opens it.
    pub(crate) by: User,
    /// The other user's name.
    pub(crate) with: String,
    /// Limits how many rooms guests create.
    pub(crate) quota: Quota,
}

impl Act for OpenDirect {
    type Answer = (RoomId, Admission, Mine);

    fn run(&mut self, tx: &mut Tx<'_>) -> Result<Self::Answer, Error> {
        let (now, user) = (tx.now(), self.by.id);
        let conn = tx.conn();
        let other = users::find(conn, &self.with)?.id;
        if other == user {
            let why = "You cannot open a direct room with yourself.";
            return Err(Error::refused(ErrorCode::BadRequest, why));
        }
        let permissions = permissions::of(conn, user, None)?;
        policy::may(&permissions, Right::Write, Scope::Server, now)?;
        let name = format!("@{}-{}", user.min(other), user.max(other));
        let id = match rooms::direct(conn, &name)? {
            Some((id, _)) => {
                rejoin(tx, &RoomRef { id, name, kind: RoomKind::Direct }, user)?;
                id
            }
            None => {
                direct::refuse_too_many(conn, user)?;
                self.quota.take(&permissions)?;
                make(tx, name, user, other)?
            }
        };
        let admission = tx.admission(user, id)?.ok_or_else(policy::no_such_room)?;
        Ok((id, admission, permissions::mine(tx.conn(), user, id, RoomKind::Direct, now)?))
    }
}

fn rejoin(tx: &mut Tx<'_>, room: &RoomRef, user: UserId) -> Result<(), Error> {
    let now = tx.now();
    let conn = tx.conn();
    if members::role(conn, user, room.id)?.is_some() {
        return Ok(());
    }
    permissions::refuse_too_many(conn, user, true)?;
    let head = rooms::head(conn, room.id)?;
    members::insert(tx.conn_changing_rights(), user, room.id, Role::Member, head, now)?;
    membership::sight(tx, user, room, Sight::Member);
    Ok(())
}

fn make(tx: &mut Tx<'_>, name: String, user: UserId, other: UserId) -> Result<RoomId, Error> {
    let (now, kind) = (tx.now(), RoomKind::Direct);
    let conn = tx.conn_changing_rights();
    let (id, head) = rooms::insert(conn, &name, kind, "", Some(user), now)?;
    members::insert(conn, user, id, Role::Member, head, now)?;
    let hidden = direct::admit(conn, other, id, now)?;
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
        tx.then(Consequence::DirectOpened { admission, mine: theirs, messages: Vec::new() });
    }
    hidden.into_iter().for_each(|then| tx.then(then));
    Ok(id)
}
