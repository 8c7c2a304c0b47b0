//! The log. This file appends to it and `read` reads it.

mod read;

use chat_proto::event::{Change, File, MemberChange, Message, Reacted, What};
use chat_proto::user::{Role, User};
use chat_proto::{Emoji, MessageText, Millis, Nonce, Seq, Topic, UserId};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};

pub use self::read::{PageFrom, after, page};
pub(in crate::store) use self::read::{Row, columns, current_state};
use crate::error::Error;
use crate::id::RoomId;
use crate::store::schema::columns::{MillisParameter, RoomParameter, SeqParameter, UserParameter};
use crate::store::schema::events;
use crate::store::{Conn, MessageRef, Position, on, to_sql};

/// An event that has no seq yet.
#[derive(Clone, Debug)]
pub struct Draft {
    /// The room.
    pub room: RoomId,
    /// The author.
    pub by: User,
    /// The content.
    pub what: DraftWhat,
}

/// The content of a draft.
#[derive(Clone, Debug)]
pub enum DraftWhat {
    /// A message.
    Message {
        /// The text.
        text: MessageText,
        /// The idempotency key.
        nonce: Nonce,
        /// The message that it replies to.
        reply_to: Option<Seq>,
        /// The users that it mentions.
        mentions: Vec<User>,
        /// The attached files.
        files: Vec<File>,
    },
    /// A new topic.
    Topic(Topic),
    /// A membership change. Boxed, because it would enlarge every message.
    Member(Box<MemberChange>),
    /// An edit of a message.
    Edited {
        /// The message.
        target: Seq,
        /// The new text.
        text: MessageText,
        /// The users that it mentions now.
        mentions: Vec<User>,
    },
    /// The deletion of a message.
    Deleted(Seq),
    /// A reaction.
    Reacted(Seq, Emoji),
    /// The removal of a reaction.
    Unreacted(Seq, Emoji),
    /// A pin.
    Pinned(Seq),
    /// The removal of a pin.
    Unpinned(Seq),
}

/// A [`MemberChange`] as it is stored. It has the user's id, because names change.
#[derive(Serialize, Deserialize)]
struct StoredChange {
    user: UserId,
    change: Change,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    until: Option<Millis>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    role: Option<Role>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    everywhere: bool,
}

/// What is stored of a message beside its text, if there is anything.
#[derive(Default, Serialize, Deserialize)]
pub struct MessageDetail {
    /// The ids of the users that it mentions.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub mentions: Vec<UserId>,
    /// The attached files.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub files: Vec<File>,
}

impl MessageDetail {
    /// Encodes it for the database. Returns `None` if there is nothing to store.
    pub(crate) fn encode(mentions: &[User], files: &[File]) -> Option<String> {
        if mentions.is_empty() && files.is_empty() {
            return None;
        }
        let mentions = mentions.iter().map(|user| user.id).collect();
        // Plain data with text keys can always be written.
        serde_json::to_string(&Self { mentions, files: files.to_vec() }).ok()
    }

    /// Decodes it from the database.
    ///
    /// # Errors
    /// `Internal` if it cannot be read.
    pub(crate) fn decode(detail: Option<&str>) -> Result<Self, Error> {
        let damaged = |e| Error::Internal(anyhow::Error::from(e).context("the log has a damaged detail"));
        detail.map_or_else(|| Ok(Self::default()), |detail| serde_json::from_str(detail).map_err(damaged))
    }

    /// Like [`Self::decode`], but empty if it cannot be read: a newer version may have written it.
    pub(in crate::store) fn decode_or_empty(detail: Option<&str>) -> Self {
        Self::decode(detail).unwrap_or_default()
    }
}

fn names(users: Vec<User>) -> Vec<String> {
    users.into_iter().map(|user| user.name).collect()
}

impl Draft {
    pub(in crate::store) fn nonce(&self) -> Option<&Nonce> {
        match &self.what {
            DraftWhat::Message { nonce, .. } => Some(nonce),
            _ => None,
        }
    }

    /// Returns the text that is stored with the event. The text of an edit is only stored with its message.
    pub(in crate::store) fn text(&self) -> Option<&str> {
        match &self.what {
            DraftWhat::Message { text, .. } => Some(text.as_str()),
            DraftWhat::Topic(topic) => Some(topic.as_str()),
            DraftWhat::Reacted(_, emoji) | DraftWhat::Unreacted(_, emoji) => Some(emoji.as_str()),
            _ => None,
        }
    }

    /// Returns the attached files.
    pub(in crate::store) fn files(&self) -> &[File] {
        match &self.what {
            DraftWhat::Message { files, .. } => files,
            _ => &[],
        }
    }

    fn kind(&self) -> &'static str {
        match &self.what {
            DraftWhat::Message { .. } => "message",
            DraftWhat::Topic(_) => "topic",
            DraftWhat::Member(_) => "member",
            DraftWhat::Edited { .. } => "edited",
            DraftWhat::Deleted(_) => "deleted",
            DraftWhat::Reacted(..) => "reacted",
            DraftWhat::Unreacted(..) => "unreacted",
            DraftWhat::Pinned(_) => "pinned",
            DraftWhat::Unpinned(_) => "unpinned",
        }
    }

    fn target(&self) -> Option<Seq> {
        match self.what {
            DraftWhat::Message { reply_to, .. } => reply_to,
            DraftWhat::Edited { target, .. }
            | DraftWhat::Deleted(target)
            | DraftWhat::Reacted(target, _)
            | DraftWhat::Unreacted(target, _)
            | DraftWhat::Pinned(target)
            | DraftWhat::Unpinned(target) => Some(target),
            DraftWhat::Topic(_) | DraftWhat::Member(_) => None,
        }
    }

    fn detail(&self) -> Option<String> {
        match &self.what {
            DraftWhat::Message { mentions, files, .. } => MessageDetail::encode(mentions, files),
            DraftWhat::Member(change) => serde_json::to_string(&StoredChange {
                user: change.user.id,
                change: change.change,
                reason: change.reason.clone(),
                until: change.until,
                role: change.role,
                everywhere: change.everywhere,
            })
            .ok(),
            _ => None,
        }
    }

    /// Returns the event as it is delivered after the commit.
    pub(in crate::store) fn into_what(self) -> (User, What) {
        let reacted = |target, emoji: Emoji| Reacted { target, emoji: emoji.as_str().to_owned() };
        let what = match self.what {
            DraftWhat::Message { text, nonce, reply_to, mentions, files } => What::Message(Message {
                text: text.into_string(),
                nonce: Some(nonce.as_str().to_owned()),
                reply_to,
                mentions: names(mentions),
                files,
                ..Message::default()
            }),
            DraftWhat::Topic(topic) => What::Topic { topic: topic.as_str().to_owned() },
            DraftWhat::Member(change) => What::Member(*change),
            DraftWhat::Edited { target, text, mentions } => {
                What::Edited { target, text: text.into_string(), html: None, mentions: names(mentions) }
            }
            DraftWhat::Deleted(target) => What::Deleted { target },
            DraftWhat::Reacted(target, emoji) => What::Reacted(reacted(target, emoji)),
            DraftWhat::Unreacted(target, emoji) => What::Unreacted(reacted(target, emoji)),
            DraftWhat::Pinned(target) => What::Pinned { target },
            DraftWhat::Unpinned(target) => What::Unpinned { target },
        };
        (self.by, what)
    }
}

#[derive(Insertable)]
#[diesel(table_name = events, treat_none_as_default_value = false)]
pub(in crate::store) struct NewEvent<'a> {
    room_id: RoomParameter,
    seq: SeqParameter,
    at: MillisParameter,
    by_user: UserParameter,
    kind: &'static str,
    text: Option<&'a str>,
    nonce: Option<&'a str>,
    detail: Option<String>,
    target: Option<SeqParameter>,
}

impl<'a> NewEvent<'a> {
    pub(in crate::store) fn new(draft: &'a Draft, position: Position) -> Self {
        Self {
            room_id: to_sql(position.room),
            seq: to_sql(position.seq),
            at: to_sql(position.at),
            by_user: to_sql(draft.by.id),
            kind: draft.kind(),
            text: draft.text(),
            nonce: draft.nonce().map(Nonce::as_str),
            detail: draft.detail(),
            target: draft.target().map(to_sql),
        }
    }
}

/// Adds an event.
pub(in crate::store) fn insert(conn: &mut Conn, row: &NewEvent<'_>) -> QueryResult<()> {
    // One statement for each row, prepared once: parsing a statement for many rows costs more than it saves.
    on!(conn, |c| diesel::insert_into(events::table).values(row).execute(c))?;
    Ok(())
}

/// The text and the files of a message.
pub(in crate::store) type Said = (String, Vec<File>);

/// Returns a message's position, and its text and files unless they were changed since. `None` if its room was
/// removed.
pub(in crate::store) fn said(
    conn: &mut Conn,
    message: MessageRef,
) -> Result<Option<(Position, Option<Said>)>, Error> {
    let MessageRef { room, seq } = message;
    type Row = (Millis, Option<String>, Option<String>, Option<Millis>, Option<Millis>);
    let found: Option<Row> = on!(conn, |c| events::table
        .find((to_sql(room), to_sql(seq)))
        .select((events::at, events::text, events::detail, events::edited_at, events::deleted_at))
        .first(c))
    .optional()?;
    let Some((at, text, detail, edited, deleted)) = found else { return Ok(None) };
    let is_changed = edited.is_some() || deleted.is_some();
    let files = MessageDetail::decode(detail.as_deref())?.files;
    Ok(Some((Position { room, seq, at }, text.filter(|_| !is_changed).map(|text| (text, files)))))
}

/// Deletes a room's events.
pub fn forget_room(conn: &mut Conn, room: RoomId) -> QueryResult<()> {
    on!(conn, |c| diesel::delete(events::table.filter(events::room_id.eq(to_sql(room)))).execute(c))?;
    Ok(())
}
