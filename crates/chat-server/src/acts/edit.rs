//! Edits a message.

use chat_proto::MessageText;
use chat_proto::user::User;

use super::message_change::MessageChange;
use crate::error::Error;
use crate::store::tables::events::{DraftWhat, MessageDetail};
use crate::store::tables::{messages, search};
use crate::store::{Act, Position, Tx};
use chat_proto::policy::Right;

/// Replaces the text of the author's own message. The old text is not kept.
pub(crate) struct Edit {
    /// The message.
    pub(crate) change: MessageChange,
    /// The new text.
    pub(crate) text: MessageText,
    /// The users whom the new text mentions.
    pub(crate) mentions: Vec<User>,
}

impl Act for Edit {
    type Answer = Position;

    fn run(&mut self, tx: &mut Tx<'_>) -> Result<Position, Error> {
        let Self { change, text, mentions } = self;
        let message = change.message(tx)?;
        change.ask(tx, Right::Edit { own: message.by == change.by.id })?;
        if message.text == text.as_str() {
            return change.before(tx, "edited", &message);
        }
        let (now, target) = (tx.now(), change.target());
        let detail = MessageDetail::decode(message.detail.as_deref())?;
        let conn = tx.conn();
        messages::set_text(conn, target, text.as_str(), MessageDetail::encode(mentions, &detail.files), now)?;
        messages::forget_mentions(conn, target, &detail.mentions)?;
        messages::mention(conn, target, mentions)?;
        search::replace(conn, target, message.by, &message.text, Some(text.as_str()))?;
        let (text, mentions) = (text.clone(), mentions.clone());
        change.append(tx, DraftWhat::Edited { target: change.seq, text, mentions })
    }
}
