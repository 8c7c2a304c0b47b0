//! A stored event as it is shown.

use std::time::Duration;

use chat_proto::event::{Change, Event, File, Message, Reaction, What};
use chat_proto::user::Role;
use chat_proto::{Millis, Seq, UserId, duration};

use crate::clean::Clean;
use crate::markup::Body;

/// The maximum number of different reactions held of one message.
const REACTIONS: usize = 64;

/// The maximum number of people counted for one reaction.
const REACTED: usize = 10_000;

/// A stored event as it is shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// The seq.
    pub seq: Seq,
    /// The time.
    pub at: Millis,
    /// The author's id.
    pub by: UserId,
    /// The author's name.
    pub name: Clean,
    /// What it says.
    pub text: Clean,
    /// The formatted text.
    pub body: Body,
    /// Whether it is a message. Anything else is shown as a line about what happened.
    pub is_message: bool,
    /// The rest of a message.
    pub more: More,
}

/// The parts of a message other than its text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct More {
    /// The message that it replies to.
    pub reply_to: Option<Seq>,
    /// Whether it was edited.
    pub is_edited: bool,
    /// Whether it was deleted.
    pub is_deleted: bool,
    /// Whether it is pinned.
    pub is_pinned: bool,
    /// The names that it mentions.
    pub mentions: Vec<String>,
    /// The attached files.
    pub files: Vec<File>,
    /// The reactions: each emoji with the users who reacted.
    pub reactions: Vec<(Clean, Vec<String>)>,
}

impl More {
    fn of(message: &Message) -> Self {
        let reaction = |r: &Reaction| {
            let mut users = r.users.clone();
            // Users beyond the named ones count with an empty name.
            let count = usize::try_from(r.count).unwrap_or(REACTED).min(REACTED);
            users.resize(count.max(users.len()), String::new());
            (Clean::line(&r.emoji), users)
        };
        Self {
            reply_to: message.reply_to,
            is_edited: message.edited_at.is_some(),
            is_deleted: message.deleted,
            is_pinned: message.pinned,
            mentions: message.mentions.clone(),
            files: message.files.clone(),
            reactions: message.reactions.iter().map(reaction).collect(),
        }
    }

    /// Adds someone's reaction.
    pub fn react(&mut self, emoji: &str, user: &str) {
        let (emoji, has_room) = (Clean::line(emoji), self.reactions.len() < REACTIONS);
        match self.reactions.iter_mut().find(|(known, _)| *known == emoji) {
            Some((_, users)) if users.iter().any(|known| known == user) => {}
            Some((_, users)) if users.len() < REACTED => users.push(user.to_owned()),
            None if has_room => self.reactions.push((emoji, vec![user.to_owned()])),
            _ => {}
        }
    }

    /// Removes someone's reaction.
    pub fn unreact(&mut self, emoji: &str, user: &str) {
        let emoji = Clean::line(emoji);
        for (_, users) in self.reactions.iter_mut().filter(|(known, _)| *known == emoji) {
            users.retain(|known| known != user);
        }
        self.reactions.retain(|(_, users)| !users.is_empty());
    }
}

/// Returns a length in words.
#[must_use]
pub fn size(bytes: u64) -> String {
    let (unit, name) = match bytes {
        0..1024 => return format!("{bytes} B"),
        1024..1_048_576 => (1024.0, "KiB"),
        1_048_576..1_073_741_824 => (1_048_576.0, "MiB"),
        _ => (1_073_741_824.0, "GiB"),
    };
    // People read two digits.
    #[expect(clippy::cast_precision_loss, reason = "of a length that is shown with one decimal")]
    let number = bytes as f64 / unit;
    if number < 10.0 { format!("{number:.1} {name}") } else { format!("{number:.0} {name}") }
}

/// Returns the line that shows a file.
#[must_use]
pub fn file_line(file: &File) -> Clean {
    let pixels =
        file.width.zip(file.height).map_or(String::new(), |(width, height)| format!("  {width}×{height}"));
    Clean::line(&format!("▣ {}  {}{pixels}", file.name, size(file.size)))
}

/// Returns the text shown for an event that this version does not know.
#[must_use]
pub fn newer(kind: &str) -> Clean {
    Clean::line(&format!("a newer kind of event ({kind})"))
}

/// The text shown for a deleted message.
const GONE: &str = "(deleted)";

impl Item {
    /// Creates the item of an event.
    #[must_use]
    pub fn of(event: &Event) -> Self {
        let name = Clean::line(&event.by.name);
        let (text, is_message) = match &event.what {
            What::Message(message) if message.deleted => (Clean::line(GONE), true),
            What::Message(message) => (Clean::text(&message.text), true),
            What::Pinned { .. } => (Clean::line(&format!("{name} pinned a message")), false),
            // These change messages and are not shown themselves.
            What::Edited { .. }
            | What::Deleted { .. }
            | What::Reacted(_)
            | What::Unreacted(_)
            | What::Unpinned { .. } => (Clean::default(), false),
            What::Newer { kind } => (newer(kind), false),
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
                    Change::Kicked => format!("{name} removed {who}{place}{reason}"),
                    Change::Banned => format!("{name} banned {who}{place}{term}{reason}"),
                    Change::Unbanned => format!("{name} unbanned {who}{place}"),
                    Change::Muted => format!("{name} muted {who}{place}{term}{reason}"),
                    Change::Unmuted => format!("{name} unmuted {who}{place}"),
                    Change::Role => {
                        format!("{name} made {who} {}{place}", a_role(change.role.unwrap_or(Role::Member)))
                    }
                    Change::Other(change) => {
                        format!("{name}: {} {who}{place}{term}{reason}", change.as_str())
                    }
                };
                (Clean::line(&told), false)
            }
        };
        let more = match &event.what {
            What::Message(message) => More::of(message),
            _ => More::default(),
        };
        let body = Body::default();
        Self { seq: event.seq, at: event.at, by: event.by.id, name, text, body, is_message, more }
    }

    /// Returns the text on one line, or the files if there is no text.
    #[must_use]
    pub fn summary(&self) -> String {
        match self.more.files.first() {
            Some(file) if self.text.as_str().is_empty() => file_line(file).to_string(),
            _ => self.text.as_str().replace('\n', " "),
        }
    }

    /// Replaces the text of the message.
    pub fn edit(&mut self, text: &str, mentions: &[String]) {
        // A replay may contain an edit of a message that was deleted since.
        if !self.more.is_deleted {
            (self.text, self.body) = (Clean::text(text), Body::default());
            self.more.is_edited = true;
            self.more.mentions = mentions.to_vec();
        }
    }

    /// Deletes the message.
    pub fn delete(&mut self) {
        (self.text, self.body) = (Clean::line(GONE), Body::default());
        self.more = More { is_deleted: true, ..More::default() };
    }
}

/// Returns a role with its article, such as "an owner".
#[must_use]
pub fn a_role(role: Role) -> String {
    let article = if role.as_str().starts_with(['a', 'e', 'i', 'o', 'u']) { "an" } else { "a" };
    format!("{article} {role}")
}

/// Returns a duration in words, rounded up.
#[must_use]
pub fn words(ms: i64) -> String {
    duration::words(Duration::from_millis(ms.max(0).unsigned_abs()))
}

#[cfg(test)]
mod tests {
    use super::size;

    #[test]
    fn lengths_are_told_in_words() {
        let told = [5, 1536, 52_428_800].map(size);
        assert_eq!(told, ["5 B", "1.5 KiB", "50 MiB"]);
    }
}
