//! A stored event as it is shown.

use chat_proto::event::{Change, Event, What};
use chat_proto::{Millis, Seq, UserId};

use crate::clean::Clean;

/// A stored event as it is shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// Its number.
    pub seq: Seq,
    /// Its time.
    pub at: Millis,
    /// Its author.
    pub by: UserId,
    /// The author's name.
    pub name: Clean,
    /// What it says.
    pub text: Clean,
    /// Whether it is a message; else it is told in a line of its own.
    pub is_message: bool,
}

impl Item {
    /// An event as it is shown.
    #[must_use]
    pub fn of(event: &Event) -> Self {
        let name = Clean::line(&event.by.name);
        let (text, is_message) = match &event.what {
            What::Message(message) => (Clean::text(&message.text), true),
            What::Topic { topic } if topic.is_empty() => {
                (Clean::line(&format!("{name} removed the topic")), false)
            }
            What::Topic { topic } => (Clean::line(&format!("{name} set the topic: {topic}")), false),
            What::Member(change) => {
                let (who, reason) = (
                    &change.user.name,
                    change.reason.as_deref().map_or(String::new(), |r| format!(" ({r})")),
                );
                let told = match change.change {
                    Change::Joined => format!("{who} joined"),
                    Change::Left => format!("{who} left"),
                    Change::Invited => format!("{name} invited {who}"),
                    Change::Kicked => format!("{name} put {who} out{reason}"),
                    Change::Banned => format!("{name} banned {who}{reason}"),
                    Change::Unbanned => format!("{name} lifted the ban of {who}"),
                    Change::Muted => format!("{name} muted {who}{reason}"),
                    Change::Unmuted => format!("{name} let {who} speak again"),
                };
                (Clean::line(&told), false)
            }
        };
        Self { seq: event.seq, at: event.at, by: event.by.id, name, text, is_message }
    }
}
