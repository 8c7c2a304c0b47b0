//! Adds and removes reactions.

use chat_proto::Emoji;

use super::message_change::MessageChange;
use crate::error::Error;
use crate::store::tables::events::DraftWhat;
use crate::store::tables::messages;
use crate::store::{Act, Position, Tx};
use chat_proto::policy::Right;

/// Adds a reaction to a message.
pub(crate) struct React {
    /// The message.
    pub(crate) change: MessageChange,
    /// The emoji.
    pub(crate) emoji: Emoji,
}

impl Act for React {
    type Answer = Position;

    fn run(&mut self, tx: &mut Tx<'_>) -> Result<Position, Error> {
        let Self { change, emoji } = self;
        let message = change.message(tx)?;
        change.ask(tx, Right::Write)?;
        let (target, user) = (change.target(), change.by.id);
        if let Some(event) = messages::reaction(tx.conn(), target, emoji, user)? {
            return Ok(Position { seq: event, ..message.position });
        }
        messages::refuse_too_many(tx.conn(), target, emoji)?;
        let position = change.append(tx, DraftWhat::Reacted(change.seq, emoji.clone()))?;
        messages::react(tx.conn(), target, emoji, user, position.seq)?;
        Ok(position)
    }
}

/// Removes a reaction.
pub(crate) struct Unreact {
    /// The message.
    pub(crate) change: MessageChange,
    /// The emoji.
    pub(crate) emoji: Emoji,
}

impl Act for Unreact {
    type Answer = Position;

    fn run(&mut self, tx: &mut Tx<'_>) -> Result<Position, Error> {
        let Self { change, emoji } = self;
        let message = change.message(tx)?;
        change.ask(tx, Right::Write)?;
        let (target, user) = (change.target(), change.by.id);
        if messages::reaction(tx.conn(), target, emoji, user)?.is_none() {
            return change.before(tx, "unreacted", &message);
        }
        messages::unreact(tx.conn(), target, emoji, user)?;
        change.append(tx, DraftWhat::Unreacted(change.seq, emoji.clone()))
    }
}
