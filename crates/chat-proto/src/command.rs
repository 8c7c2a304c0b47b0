//! What a client may ask. One struct or variant a command; the names are the frame's `type`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::room::Notify;
use crate::user::Role;
use crate::word::known;
use crate::{Millis, Seq, Token};

/// A command. Texts and names are raw here; the server parses them at its door.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Command {
    /// The first command of every connection. Reply: `welcome`.
    Hello(Hello),
    /// Enter a room and hear it from now on. Reply: `joined`.
    Join(Join),
    /// Leave a room. Reply: `ok`.
    Leave(InRoom),
    /// Write a message. Reply: `ok` with `room`, `seq`, `at`.
    Send(Send),
    /// Change one's own message. Reply: `ok`.
    Edit(Edit),
    /// Take a message away, one's own or as a moderator anyone's. Reply: `ok`.
    Delete(OfMessage),
    /// Put an emoji on a message. Reply: `ok`.
    React(React),
    /// Take one's emoji back. Reply: `ok`.
    Unreact(React),
    /// Pin a message. Reply: `ok`.
    Pin(OfMessage),
    /// Unpin it. Reply: `ok`.
    Unpin(OfMessage),
    /// Find messages. Reply: `results`.
    Search(Search),
    /// Say what of a room one wants to be told of. Reply: `ok`.
    Notify(SetNotify),
    /// Read older or newer messages. Reply: `messages`.
    History(History),
    /// List the rooms one may see. Reply: `rooms`.
    Rooms(ListRooms),
    /// Make a room and join it. Reply: `joined`.
    Create(Create),
    /// Set a room's topic. Reply: `ok`.
    Topic(SetTopic),
    /// Tell the room that one is writing. No reply, unless it bears an `id`.
    Typing(InRoom),
    /// Set the read mark; a lower one marks as unread again. Reply: `ok`.
    Read(Read),
    /// List a room's members. Reply: `members`.
    Members(Members),
    /// Open the room that one shares with another user alone. Reply: `joined`.
    Direct(Direct),
    /// Let someone into a private room, or tell someone of a public one. Reply: `ok`.
    Invite(Moderate),
    /// End someone's membership; the way back stays open. Reply: `ok`.
    Kick(Moderate),
    /// Let someone read and not write. Reply: `ok`.
    Mute(Moderate),
    /// End a mute. Reply: `ok`.
    Unmute(Moderate),
    /// Put someone out and keep them out. Reply: `ok`.
    Ban(Moderate),
    /// End a ban. Reply: `ok`.
    Unban(Moderate),
    /// Set what someone may do. Reply: `ok`.
    Role(SetRole),
    /// Read what was done by moderators and admins. Admins only. Reply: `audit`.
    Audit(Audit),
    /// List one's own logins. Reply: `sessions`.
    Sessions {},
    /// End one of one's own logins. Reply: `ok`.
    Revoke(Revoke),
    /// Ask for a sign of life. Reply: `pong`.
    Ping {},
}

impl Command {
    /// Decodes a frame whose `type` is `tag`; `None` where no command has that type.
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

/// Who connects, and from where to go on.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hello {
    /// The version of the contract: [`crate::PROTOCOL`].
    pub protocol: u32,
    /// A guest's name. One of `name` and `token`; neither where the upgrade bore a session cookie.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The token an earlier `welcome` gave.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token: Option<Token>,
    /// The program, such as `chat-tui/0.1.0`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client: Option<String>,
    /// How messages are wanted; none: as text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub format: Option<Format>,
    /// The last seq seen of each room.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub resume: BTreeMap<String, Seq>,
    /// The log id those seqs belong to, from `welcome.server.log`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub log: Option<String>,
}

/// How a session wants messages.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Format {
    /// As they were written.
    #[default]
    Text,
    /// And also as sanitised HTML.
    Html,
}

/// Enter a room.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Join {
    /// The room's name.
    pub room: String,
    /// Go on after this seq: `joined` then bears `events`. Without it, the newest messages.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<Seq>,
    /// How many messages, without `after`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u64>,
}

/// A command that needs a room and nothing else.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InRoom {
    /// The room's name.
    pub room: String,
}

/// Write a message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Send {
    /// The room's name.
    pub room: String,
    /// The client's own name for the message; the same one again gets the first reply again.
    pub nonce: String,
    /// What to say; may be empty beside files.
    #[serde(default)]
    pub text: String,
    /// The seq of the message it answers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reply_to: Option<Seq>,
    /// The ids of files that its author uploaded, at most [`crate::limits::FILES`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub files: Vec<String>,
}

/// Change a message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Edit {
    /// The room's name.
    pub room: String,
    /// The message.
    pub seq: Seq,
    /// What it says from now on.
    pub text: String,
}

/// A command about one message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OfMessage {
    /// The room's name.
    pub room: String,
    /// The message.
    pub seq: Seq,
}

/// A reaction.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct React {
    /// The room's name.
    pub room: String,
    /// The message.
    pub seq: Seq,
    /// One emoji, or a `:shortcode:`.
    pub emoji: String,
}

/// Find messages.
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
    /// Only older ones.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<Millis>,
    /// How many.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u64>,
}

/// Say what one wants to be told of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SetNotify {
    /// The room's name.
    pub room: String,
    /// Of what.
    #[serde(deserialize_with = "known")]
    pub level: Notify,
}

/// Read a page of messages: exactly one of `before`, `after`, `around`.
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
    /// How many.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u64>,
}

/// Make a room.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Create {
    /// The room's name.
    pub room: String,
    /// `public`, which is also what none means, or `private`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// The first topic.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub topic: Option<String>,
}

/// Set a room's topic.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SetTopic {
    /// The room's name.
    pub room: String,
    /// The new topic, possibly empty.
    pub topic: String,
}

/// Set the read mark.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Read {
    /// The room's name.
    pub room: String,
    /// Everything up to it has been read.
    pub seq: Seq,
}

/// List the rooms that one may see.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListRooms {
    /// Only rooms whose names come after this one: the last of the page before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
}

/// List a room's members.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Members {
    /// The room's name.
    pub room: String,
    /// Only names that start so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prefix: Option<String>,
    /// How many.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u64>,
}

/// Open a direct room.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Direct {
    /// The other user's name.
    pub user: String,
}

/// An act on another user: `invite`, `kick`, `mute`, `unmute`, `ban` or `unban`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Moderate {
    /// Whose; none where only an `address` is banned or unbanned.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// Where; none: on the whole server.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub room: Option<String>,
    /// Why; everyone who hears of it reads it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// For how long a mute or a ban holds, in milliseconds; none: until it is lifted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub for_ms: Option<u64>,
    /// With a ban from the whole server: an address or a network (`203.0.113.7`, `2001:db8::/64`), or
    /// `current` for those that the user is connected from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
}

/// Set someone's role.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SetRole {
    /// Whose.
    pub user: String,
    /// Where; none: on the whole server.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub room: Option<String>,
    /// In a room `owner`, `moderator` or `member`; on the server `admin` or `member`.
    #[serde(deserialize_with = "known")]
    pub role: Role,
}

/// Read the audit log.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Audit {
    /// How many entries.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u64>,
    /// Only older ones.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<Millis>,
}

/// End a login.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Revoke {
    /// Its id, from `sessions`.
    pub session: String,
}
