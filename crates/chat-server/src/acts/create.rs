//! Creates a room.

use chat_proto::room::{Mine, RoomKind};
use chat_proto::user::{Role, User};
use chat_proto::{ErrorCode, RoomName, Topic};

use super::quota::Quota;
use crate::error::Error;
use crate::id::RoomId;
use crate::store::consequence::Sight;
use crate::store::tables::members;
use crate::store::tables::rooms::{self, MAX_ROOMS};
use crate::store::views::permissions;
use crate::store::{Act, Admission, Consequence, RoomRow, Tx};
use chat_proto::policy::{self, Right, Scope};

/// Creates a public or private room, with its creator as owner and first member.
pub struct Create {
    /// The creator.
    pub by: User,
    /// The room's name.
    pub name: RoomName,
    /// Who may join.
    pub kind: RoomKind,
    /// The topic.
    pub topic: Topic,
    /// Limits how many rooms guests create.
    pub quota: Quota,
}

impl Act for Create {
    type Answer = (RoomId, Admission, Mine);

    fn run(&mut self, tx: &mut Tx<'_>) -> Result<Self::Answer, Error> {
        let now = tx.now();
        let (user, name, kind) = (self.by.id, self.name.as_str(), self.kind);
        let conn = tx.conn();
        let permissions = permissions::of(conn, user, None)?;
        policy::may(&permissions, Right::Write, Scope::Server, now)?;
        if self.name.is_reserved() && permissions.server != Role::Admin {
            let why = format!("Only an admin can make a room called {name}. Choose another name.");
            return Err(Error::refused(ErrorCode::NameInvalid, why));
        }
        // A room that the creator does not see must not be a reason to refuse: that would reveal it.
        if rooms::is_seen(conn, user, name)? {
            let why = format!("There is a room {name} already. Join it, or choose another name.");
            return Err(Error::refused(ErrorCode::RoomExists, why));
        }
        if rooms::count(conn)? >= MAX_ROOMS {
            return Err(Error::refused(
                ErrorCode::Forbidden,
                "This server has as many rooms as it can hold. Ask its operator to delete some.",
            ));
        }
        permissions::refuse_too_many(conn, user, false)?;
        self.quota.refuse_too_many(tx, user, &permissions)?;
        self.quota.take(&permissions)?;
        let conn = tx.conn();
        let topic = self.topic.as_str();
        let (id, head) = rooms::insert(conn, name, kind, topic, Some(user), now)?;
        members::insert(tx.conn_changing_rights(), user, id, Role::Owner, head, now)?;
        tx.then(Consequence::RoomOpened(RoomRow {
            id,
            name: name.to_owned(),
            kind,
            topic: topic.to_owned(),
            head,
            start: head,
            seen_by: if kind == RoomKind::Public { Vec::new() } else { vec![(user, Sight::Member)] },
        }));
        let admission = tx.admission(user, id)?.ok_or_else(policy::no_such_room)?;
        Ok((id, admission, permissions::mine(tx.conn(), user, id, kind, now)?))
    }
}
