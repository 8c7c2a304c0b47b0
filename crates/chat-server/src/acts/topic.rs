//! Sets a room's topic.

use chat_proto::Topic;
use chat_proto::user::User;

use crate::error::Error;
use crate::store::tables::events::DraftWhat;
use crate::store::views::permissions;
use crate::store::{Act, Draft, Position, RoomRef, Tx};
use chat_proto::policy::{self, Right, Scope};

/// Sets a room's topic.
pub(crate) struct SetTopic {
    /// The actor.
    pub(crate) by: User,
    /// The room.
    pub(crate) room: RoomRef,
    /// The new topic.
    pub(crate) topic: Topic,
}

impl Act for SetTopic {
    type Answer = Position;

    fn run(&mut self, tx: &mut Tx<'_>) -> Result<Position, Error> {
        let (now, RoomRef { id, name, kind }) = (tx.now(), &self.room);
        let permissions = permissions::of(tx.conn(), self.by.id, Some(*id))?;
        policy::may(&permissions, Right::Write, Scope::Room(name, *kind), now)?;
        tx.append(Draft { room: *id, by: self.by.clone(), what: DraftWhat::Topic(self.topic.clone()) })
    }
}
