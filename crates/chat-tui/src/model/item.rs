//! A stored event as it is shown.

use chat_proto::event::{Change, Event, What};
use chat_proto::{Millis, Seq, UserId};

use crate::clean::Clean;
use crate::rights::role_name;

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
                let who = &change.user.name;
                let term =
                    change.until.map_or(String::new(), |until| format!(" for {}", words(until - event.at)));
                let place = if change.everywhere { " on the whole server" } else { "" };
                let reason = change.reason.as_deref().map_or(String::new(), |r| format!(" ({r})"));
                let told = match change.change {
                    Change::Joined => format!("{who} joined"),
                    Change::Left => format!("{who} left"),
                    Change::Invited => format!("{name} invited {who}"),
                    Change::Kicked => format!("{name} put {who} out{place}{reason}"),
                    Change::Banned => format!("{name} banned {who}{place}{term}{reason}"),
                    Change::Unbanned => format!("{name} lifted the ban of {who}{place}"),
                    Change::Muted => format!("{name} muted {who}{place}{term}{reason}"),
                    Change::Unmuted => format!("{name} let {who} speak again{place}"),
                    Change::Role => {
                        let role = change.role.map_or("member", role_name);
                        format!("{name} made {who} {role}{place}")
                    }
                };
                (Clean::line(&told), false)
            }
        };
        Self { seq: event.seq, at: event.at, by: event.by.id, name, text, is_message }
    }
}

/// A stretch of time in words.
#[must_use]
pub fn words(ms: Millis) -> String {
    let minutes = ms.max(0).unsigned_abs().div_ceil(60_000);
    match minutes {
        ..=1 => "a minute".to_owned(),
        2..=119 => format!("{minutes} minutes"),
        120..=2879 => format!("{} hours", minutes.div_ceil(60)),
        _ => format!("{} days", minutes.div_ceil(24 * 60)),
    }
}
