//! What edits, deletions, reactions and pins share: a message that must exist, and a right. A request that changes
//! nothing is answered with the event that made the change before.

use chat_proto::user::User;
use chat_proto::{ErrorCode, Seq};

use crate::error::Error;
use crate::store::tables::events::DraftWhat;
use crate::store::tables::messages::{self, StoredMessage};
use crate::store::views::permissions;
use crate::store::{Draft, MessageRef, Position, RoomRef, Tx};
use chat_proto::policy::{self, Right, Scope};

/// A message that an actor wants to change.
#[derive(Clone, Debug)]
pub(crate) struct MessageChange {
    /// The actor.
    pub(crate) by: User,
    /// The room.
    pub(crate) room: RoomRef,
    /// The message's seq.
    pub(crate) seq: Seq,
}

impl MessageChange {
    pub(super) fn target(&self) -> MessageRef {
        MessageRef { room: self.room.id, seq: self.seq }
    }

    /// Returns the message, which must exist and not be deleted.
    pub(super) fn message(&self, tx: &mut Tx<'_>) -> Result<StoredMessage, Error> {
        let message = self.any_message(tx)?;
        if message.is_deleted {
            return Err(Error::refused(ErrorCode::NoSuchMessage, "That message was deleted."));
        }
        Ok(message)
    }

    /// Returns the message, deleted or not. Only members learn whether it exists.
    pub(super) fn any_message(&self, tx: &mut Tx<'_>) -> Result<StoredMessage, Error> {
        self.ask(tx, Right::Read)?;
        messages::find(tx.conn(), self.target())
    }

    pub(super) fn ask(&self, tx: &mut Tx<'_>, right: Right) -> Result<(), Error> {
        let now = tx.now();
        let permissions = permissions::of(tx.conn(), self.by.id, Some(self.room.id))?;
        Ok(policy::may(&permissions, right, Scope::Room(&self.room.name, self.room.kind), now)?)
    }

    pub(super) fn append(&self, tx: &mut Tx<'_>, what: DraftWhat) -> Result<Position, Error> {
        tx.append(Draft { room: self.room.id, by: self.by.clone(), what })
    }

    /// Returns the event that already made the requested change, or the message itself if there is no such event.
    pub(super) fn before(
        &self,
        tx: &mut Tx<'_>,
        kind: &str,
        message: &StoredMessage,
    ) -> Result<Position, Error> {
        let last = messages::last_about(tx.conn(), self.target(), kind)?;
        Ok(last.unwrap_or(message.position))
    }
}
