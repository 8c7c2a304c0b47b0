//! Deletes a message.

use chat_proto::reply::AuditEntry;
use chat_proto::room::RoomKind;

use super::message_change::MessageChange;
use crate::error::Error;
use crate::store::tables::events::{DraftWhat, MessageDetail};
use crate::store::tables::{audit, files, messages, search, users};
use crate::store::{Act, Consequence, Position, Tx};
use chat_proto::policy::Right;

/// Removes a message from the log, the counts and the search index: one's own or, as a moderator, anyone's.
pub(crate) struct Delete {
    /// The message.
    pub(crate) change: MessageChange,
}

impl Act for Delete {
    type Answer = Position;

    fn run(&mut self, tx: &mut Tx<'_>) -> Result<Position, Error> {
        let change = &self.change;
        let message = change.any_message(tx)?;
        let own = message.by == change.by.id;
        change.ask(tx, Right::Delete { own })?;
        if message.is_deleted {
            return change.before(tx, "deleted", &message);
        }
        let (now, target) = (tx.now(), change.target());
        let detail = MessageDetail::decode(message.detail.as_deref())?;
        let conn = tx.conn();
        messages::empty(conn, target, now)?;
        messages::forget_mentions(conn, target, &detail.mentions)?;
        search::replace(conn, target, message.by, &message.text, None)?;
        if files::forget_of_message(conn, target)? {
            tx.then(Consequence::ContentsDiscarded);
        }
        if !own && change.room.kind == RoomKind::Public {
            let entry = AuditEntry {
                at: now,
                by: change.by.name.clone(),
                action: "delete".to_owned(),
                target: users::by_id(tx.conn(), message.by)?.name,
                room: Some(change.room.name.clone()),
                reason: Some(format!("message {}", change.seq)),
            };
            audit::add(tx.conn(), &entry)?;
        }
        change.append(tx, DraftWhat::Deleted(change.seq))
    }
}
