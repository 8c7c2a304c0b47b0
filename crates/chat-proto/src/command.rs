//! The commands that a client may send: one variant each, named as the frame's `type`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::room::Notify;
use crate::user::Role;
use crate::word::known;
use crate::{Millis, Seq, Token};

/// A command. Its texts and names are raw; the server parses them on arrival.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Command {
    /// The first command of every connection. Reply: `welcome`.
    Hello(Hello),
    /// Join a room and subscribe to it. Reply: `joined`.
    Join(Join),
    /// Leave a room. Reply: `ok`.
    Leave(InRoom),
    /// Write a message. Reply: `ok` with `room`, `seq`, `at`.
    Send(Send),
    /// Edit one's own message. Reply: `ok`.
    Edit(Edit),
    /// Delete one's own message or, as a moderator, anyone's. Reply: `ok`.
    Delete(OfMessage),
    /// Add a reaction to a message. Reply: `ok`.
    React(React),
    /// Remove one's own reaction. Reply: `ok`.
    Unreact(React),
    /// Pin a message. Reply: `ok`.
    Pin(OfMessage),
    /// Unpin a message. Reply: `ok`.
    Unpin(OfMessage),
    /// Search for messages. Reply: `results`.
    Search(Search),
    /// Choose which messages of a room should notify the user. Reply: `ok`.
    Notify(SetNotify),
    /// Read older or newer messages. Reply: `messages`.
    History(History),
    /// List the rooms that the user may see. Reply: `rooms`.
    Rooms(ListRooms),
    /// Create a room and join it. Reply: `joined`.
    Create(Create),
    /// Set a room's topic. Reply: `ok`.
    Topic(SetTopic),
    /// Tell the room that the user is typing. No reply, unless the command has an `id`.
    Typing(InRoom),
    /// Set the read mark. A lower mark makes messages unread again. Reply: `ok`.
    Read(Read),
    /// List a room's members. Reply: `members`.
    Members(Members),
    /// Open the direct room with another user. Reply: `joined`.
    Direct(Direct),
    /// Invite someone to a private room, or tell someone about a public one. Reply: `ok`.
    Invite(Moderate),
    /// End someone's membership. They may come back. Reply: `ok`.
    Kick(Moderate),
    /// Stop someone from writing; they can still read. Reply: `ok`.
    Mute(Moderate),
    /// End a mute. Reply: `ok`.
    Unmute(Moderate),
    /// Remove someone and keep them out. Reply: `ok`.
    Ban(Moderate),
    /// End a ban. Reply: `ok`.
    Unban(Moderate),
    /// Set someone's role. Reply: `ok`.
    Role(SetRole),
    /// Read the log of what moderators and admins did. Admins only. Reply: `audit`.
    Audit(Audit),
    /// List the user's own logins. Reply: `sessions`.
    Sessions {},
    /// End one of the user's own logins. Reply: `ok`.
    Revoke(Revoke),
    /// Check that the server answers. Reply: `pong`.
    Ping {},
}

impl Command {
    /// Decodes a frame whose `type` is `tag`. `None` if no command has that type.
    pub(crate) fn decode(tag: &str, json: &str) -> Option<serde_json::Result<Self>> {
        use serde_json::from_str;
        Some(match tag {
            "hello" => from_str(json).map(Self::Hello),
            "join" => from_str(json).map(Self::Join),
            "leave" => from_str(json).map(Self::Leave),
            "send" => from_str(json).map(Self::Send),
            "edit" => from_str(json).map(Self::Edit),
            "delete" => from_str(json).map(Self::Delete),
            "react" => from_str(json).map(Self::React),
            "unreact" => from_str(json).map(Self::Unreact),
            "pin" => from_str(json).map(Self::Pin),
            "unpin" => from_str(json).map(Self::Unpin),
            "search" => from_str(json).map(Self::Search),
            "notify" => from_str(json).map(Self::Notify),
            "history" => from_str(json).map(Self::History),
            "rooms" => from_str(json).map(Self::Rooms),
            "create" => from_str(json).map(Self::Create),
            "topic" => from_str(json).map(Self::Topic),
            "typing" => from_str(json).map(Self::Typing),
            "read" => from_str(json).map(Self::Read),
            "members" => from_str(json).map(Self::Members),
            "direct" => from_str(json).map(Self::Direct),
            "invite" => from_str(json).map(Self::Invite),
            "kick" => from_str(json).map(Self::Kick),
            "mute" => from_str(json).map(Self::Mute),
            "unmute" => from_str(json).map(Self::Unmute),
            "ban" => from_str(json).map(Self::Ban),
            "unban" => from_str(json).map(Self::Unban),
            "role" => from_str(json).map(Self::Role),
            "audit" => from_str(json).map(Self::Audit),
            "sessions" => Ok(Self::Sessions {}),
            "revoke" => from_str(json).map(Self::Revoke),
            "ping" => Ok(Self::Ping {}),
            _ => return None,
        })
    }
}

/// Who connects, and where to resume.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hello {
    /// The protocol version: [`crate::PROTOCOL`].
    pub protocol: u32,
    /// A guest's name. One of `name` and `token`, or neither if the upgrade request had a session cookie.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The token from an earlier `welcome`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token: Option<Token>,
    /// The client program, such as `chat-tui/0.1.0`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client: Option<String>,
    /// In which format the client wants messages. `None` means as text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub format: Option<Format>,
    /// The last seq that the client has seen of each room.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub resume: BTreeMap<String, Seq>,
    /// The epoch of those seqs, from `welcome.server.log`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub log: Option<String>,
}

/// In which format a session gets messages.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Format {
    /// The text as it was written.
    #[default]
    Text,
    /// The text, and also sanitised HTML.
    Html,
}

/// The fields of `join`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Join {
    /// The room's name.
    pub room: String,
    /// Resume after this seq: `joined` then has `events`. `None` asks for the newest messages.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<Seq>,
    /// The number of messages, without `after`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u64>,
}

/// A command that needs nothing but a room.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InRoom {
    /// The room's name.
    pub room: String,
}

/// The fields of `send`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Send {
    /// The room's name.
    pub room: String,
    /// The idempotency key, which the client chooses. Sending the same key again gets the first reply again.
    pub nonce: String,
    /// The text. It may be empty if there are files.
    #[serde(default)]
    pub text: String,
    /// The seq of the message that this one replies to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reply_to: Option<Seq>,
    /// The ids of files that the author uploaded, at most [`crate::limits::FILES`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub files: Vec<String>,
}

/// The fields of `edit`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Edit {
    /// The room's name.
    pub room: String,
    /// The message's seq.
    pub seq: Seq,
    /// The new text.
    pub text: String,
}

/// A command about one message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OfMessage {
    /// The room's name.
    pub room: String,
    /// The message's seq.
    pub seq: Seq,
}

/// The fields of `react` and `unreact`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct React {
    /// The room's name.
    pub room: String,
    /// The message's seq.
    pub seq: Seq,
    /// One emoji, or a `:shortcode:`.
    pub emoji: String,
}

/// The fields of `search`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Search {
    /// Words, `"phrases"`, `from:NAME`, `in:ROOM`, `before:YYYY-MM-DD`.
    pub query: String,
    /// Only in this room.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub room: Option<String>,
    /// Only by this user.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// Only messages older than this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<Millis>,
    /// The number of messages.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u64>,
}

/// The fields of `notify`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SetNotify {
    /// The room's name.
    pub room: String,
    /// Which messages should notify the user.
    #[serde(deserialize_with = "known")]
    pub level: Notify,
}

/// Reads a page of messages: exactly one of `before`, `after` and `around` is set.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct History {
    /// The room's name.
    pub room: String,
    /// The messages right before this seq.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<Seq>,
    /// The messages right after this seq.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<Seq>,
    /// The messages on both sides of this seq, itself included.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub around: Option<Seq>,
    /// The number of messages.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u64>,
}

/// The fields of `create`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Create {
    /// The room's name.
    pub room: String,
    /// `public` or `private`. `None` means `public`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// The first topic.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub topic: Option<String>,
}

/// The fields of `topic`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SetTopic {
    /// The room's name.
    pub room: String,
    /// The new topic, possibly empty.
    pub topic: String,
}

/// The fields of `read`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Read {
    /// The room's name.
    pub room: String,
    /// The last seq that has been read.
    pub seq: Seq,
}

/// The fields of `rooms`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListRooms {
    /// Only rooms whose names come after this one: the last name of the previous page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
}

/// The fields of `members`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Members {
    /// The room's name.
    pub room: String,
    /// Only names that start with this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prefix: Option<String>,
    /// The number of members.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u64>,
}

/// The fields of `direct`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Direct {
    /// The other user's name.
    pub user: String,
}

/// An action against another user: `invite`, `kick`, `mute`, `unmute`, `ban` or `unban`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Moderate {
    /// The user. `None` if only an `address` is banned or unbanned.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// The room. `None` means the whole server.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub room: Option<String>,
    /// The reason. Everyone who is told about the action can read it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// How long a mute or ban lasts, in milliseconds. `None` means until it is lifted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub for_ms: Option<u64>,
    /// Only with a ban from the whole server: an address or a network (`203.0.113.7`, `2001:db8::/64`), or `current`
    /// for the addresses that the user is connected from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
}

/// The fields of `role`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SetRole {
    /// The user whose role is set.
    pub user: String,
    /// The room. `None` means the whole server.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub room: Option<String>,
    /// In a room: `owner`, `moderator` or `member`. On the server: `admin` or `member`.
    #[serde(deserialize_with = "known")]
    pub role: Role,
}

/// The fields of `audit`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Audit {
    /// The number of entries.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u64>,
    /// Only entries older than this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<Millis>,
}

/// The fields of `revoke`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Revoke {
    /// The login's id, from `sessions`.
    pub session: String,
}
