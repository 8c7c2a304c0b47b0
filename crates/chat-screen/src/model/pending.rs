//! The person's own messages that are not events yet.

use chat_proto::Seq;

use super::row::{Look, Page, Row, push_text, text_column};
use crate::clean::Clean;

/// What became of the person's own message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It waits or is in flight.
    Waiting,
    /// The server has stored it. Its event will follow.
    Stored(Seq),
    /// It will never be stored, for this reason.
    Failed(Clean),
}

/// A message of the person's that is not an event yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pending {
    /// Its idempotency key.
    pub nonce: String,
    /// The text.
    pub text: Clean,
    /// What became of it.
    pub fate: Fate,
    /// Whether it is on this computer's disk, and so survives the end of the program.
    pub is_kept: bool,
}

impl Pending {
    /// Creates a message that was just written.
    #[must_use]
    pub fn new(nonce: &str, text: &str) -> Self {
        Self { nonce: nonce.to_owned(), text: Clean::text(text), fate: Fate::Waiting, is_kept: false }
    }

    /// Whether it is still to be sent.
    #[must_use]
    pub fn waits(&self) -> bool {
        self.fate == Fate::Waiting
    }
}

/// Returns the rows of pending messages.
#[must_use]
pub fn rows_of_pending(pending: &[Pending], page: &Page) -> Vec<Row> {
    let width = text_column(page.width);
    let mut rows = Vec::new();
    for pending in pending {
        match &pending.fate {
            Fate::Waiting | Fate::Stored(_) => {
                let look = if pending.fate == Fate::Waiting { Look::Pending } else { Look::Solid };
                push_text(&mut rows, &pending.text, (None, None, look), width);
            }
            Fate::Failed(why) => {
                push_text(&mut rows, &pending.text, (Some("!".to_owned()), None, Look::Failed), width);
                let why = Clean::line(&format!("not sent: {why}"));
                push_text(&mut rows, &why, (None, None, Look::Failed), width);
            }
        }
    }
    rows
}
