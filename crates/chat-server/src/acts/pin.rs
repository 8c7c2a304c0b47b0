//! Pins and unpins messages.

use super::message_change::MessageChange;
use crate::error::Error;
use crate::store::tables::events::DraftWhat;
use crate::store::tables::messages;
use crate::store::{Act, Position, Tx};
use chat_proto::policy::Right;

pub(crate) struct Pin {
    /// The message.
    pub(crate) change: MessageChange,
    /// Whether to pin the message. Otherwise it is unpinned.
    pub(crate) pin: bool,
}

impl Act for Pin {
    type Answer = Position;

    fn run(&mut self, tx: &mut Tx<'_>) -> Result<Position, Error> {
        let Self { change, pin } = self;
        let message = change.message(tx)?;
        change.ask(tx, Right::Pin)?;
        if message.is_pinned == *pin {
            return change.before(tx, if *pin { "pinned" } else { "unpinned" }, &message);
        }
        let now = tx.now();
        messages::pin(tx.conn(), change.target(), pin.then_some(now))?;
        change.append(tx, if *pin { DraftWhat::Pinned(change.seq) } else { DraftWhat::Unpinned(change.seq) })
    }
}
