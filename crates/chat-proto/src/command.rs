//! What a client may ask. One struct or variant a command; the names are the frame's `type`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{Seq, Token};

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
    /// Read older or newer messages. Reply: `messages`.
    History(History),
    /// List the rooms one may see. Reply: `rooms`.
    Rooms {},
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
            "history" => from_str(json).map(Self::History),
            "rooms" => Ok(Self::Rooms {}),
            "create" => from_str(json).map(Self::Create),
            "topic" => from_str(json).map(Self::Topic),
            "typing" => from_str(json).map(Self::Typing),
            "read" => from_str(json).map(Self::Read),
            "members" => from_str(json).map(Self::Members),
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
    /// A guest's name. One of `name` and `token`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The token an earlier `welcome` gave.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token: Option<Token>,
    /// The program, such as `chat-tui/0.1.0`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client: Option<String>,
    /// The last seq seen of each room.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub resume: BTreeMap<String, Seq>,
    /// The log id those seqs belong to, from `welcome.server.log`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub log: Option<String>,
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
    /// What to say.
    pub text: String,
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
    /// `public`, which is also what none means.
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
