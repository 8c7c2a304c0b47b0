//! A frame: one JSON object in a WebSocket text message.
//!
//! Decoding first reads `type` and `id` and then the other fields, so that a frame with wrong fields is still
//! answered under its own `id`. It never builds a tree of JSON values.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use crate::error::{ErrorCode, Refusal};
use crate::limits::MAX_SAFE_INTEGER;
use crate::{Command, Event, Reply, Signal};

/// A frame from a client.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ClientFrame {
    /// The client's number for the command. The reply repeats it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<u64>,
    /// The command.
    #[serde(flatten)]
    pub command: Command,
}

/// A frame that is not a command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadFrame {
    /// The `id` to answer under, if it could be read.
    pub id: Option<u64>,
    /// What is wrong with the frame.
    pub refusal: Refusal,
}

/// A frame from the server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum ServerFrame {
    /// The answer to a command.
    Reply {
        /// The command's `id`, if it had one.
        id: Option<u64>,
        /// The reply.
        #[serde(flatten)]
        reply: Reply,
    },
    /// A durable event in a room.
    Event(Event),
    /// News that is only sent live.
    Signal(Signal),
}

/// Signals of newer versions. They are not events, even though they have a room and a seq.
const NEWER_SIGNALS: [&str; 4] = ["alert", "draft", "report", "status"];

/// The fields that any frame may have, read before the others.
#[derive(Deserialize)]
struct Head<'a> {
    #[serde(borrow, default, rename = "type")]
    tag: Option<Cow<'a, str>>,
    #[serde(default)]
    id: Option<u64>,
}

impl<'a> Head<'a> {
    fn read(json: &'a str) -> Result<Self, String> {
        // serde also reads structs from arrays, but a frame is an object.
        if !json.trim_start().starts_with('{') {
            return Err("A frame is one JSON object.".to_owned());
        }
        let head: Self = serde_json::from_str(json).map_err(|e| format!("The frame cannot be read: {e}."))?;
        match head.id {
            Some(id) if id > MAX_SAFE_INTEGER => Err("An id is an integer from 0 to 2^53-1.".to_owned()),
            _ => Ok(head),
        }
    }
}

impl ClientFrame {
    /// Encodes the frame as JSON.
    #[must_use]
    pub fn encode(&self) -> String {
        to_json(self)
    }

    /// Reads a frame.
    ///
    /// # Errors
    /// `bad_request` if it is not a JSON object or a field is wrong, and `unknown_type` if no command has that type.
    pub fn decode(json: &str) -> Result<Self, BadFrame> {
        let bad = |id, code, why: String| BadFrame { id, refusal: Refusal::new(code, why) };
        let head = Head::read(json).map_err(|why| bad(None, ErrorCode::BadRequest, why))?;
        let id = head.id;
        let Some(tag) = head.tag else {
            return Err(bad(id, ErrorCode::BadRequest, "A frame needs a type.".to_owned()));
        };
        match Command::decode(&tag, json) {
            Some(Ok(command)) => Ok(Self { id, command }),
            Some(Err(e)) => Err(bad(id, ErrorCode::BadRequest, format!("A field is missing or wrong: {e}."))),
            None => {
                Err(bad(id, ErrorCode::UnknownType, "This server knows no frame of that type.".to_owned()))
            }
        }
    }
}

impl ServerFrame {
    /// Encodes the frame as JSON.
    #[must_use]
    pub fn encode(&self) -> String {
        to_json(self)
    }

    /// Reads a frame. `None` if it is from a newer server and this version does not know it. A frame of an unknown
    /// type with a room and a seq is an event, of [`crate::What::Newer`].
    ///
    /// # Errors
    /// A sentence, if it is not a frame at all.
    pub fn decode(json: &str) -> Result<Option<Self>, String> {
        let head = Head::read(json)?;
        let read = |e: serde_json::Error| format!("The frame cannot be read: {e}.");
        let frame = match head.tag.as_deref() {
            Some(
                "welcome" | "joined" | "ok" | "messages" | "rooms" | "members" | "audit" | "results"
                | "sessions" | "pong" | "error",
            ) => Self::Reply { id: head.id, reply: serde_json::from_str(json).map_err(read)? },
            Some(
                "message" | "topic" | "member" | "edited" | "deleted" | "reacted" | "unreacted" | "pinned"
                | "unpinned",
            ) => Self::Event(Event::read(json).map_err(read)?),
            Some("reset" | "goodbye") => Self::Signal(serde_json::from_str(json).map_err(read)?),
            // Nothing may depend on these signals, so one that cannot be read is skipped.
            Some("typing" | "presence" | "read" | "notice" | "room" | "you") => {
                return Ok(serde_json::from_str(json).ok().map(Self::Signal));
            }
            Some(tag) if head.id.is_some() || NEWER_SIGNALS.contains(&tag) => return Ok(None),
            Some(_) => return Ok(Event::read(json).ok().map(Self::Event)),
            None => return Err("A frame needs a type.".to_owned()),
        };
        Ok(Some(frame))
    }
}

/// Frames are plain data with text keys, which serde_json can always write. If it ever failed, the peer would get an
/// empty object instead of this process panicking.
fn to_json(frame: &impl Serialize) -> String {
    serde_json::to_string(frame).unwrap_or_else(|_| "{}".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn bad(json: &str, id: Option<u64>, code: ErrorCode) {
        let error = ClientFrame::decode(json).unwrap_err();
        assert_eq!((error.id, error.refusal.code), (id, code), "{json}: {}", error.refusal);
    }

    #[test]
    fn a_bad_frame_is_answered_under_its_own_id() {
        use ErrorCode::{BadRequest, UnknownType};
        bad("", None, BadRequest);
        bad("hello", None, BadRequest);
        bad("[]", None, BadRequest);
        bad("[\"ping\",7]", None, BadRequest);
        bad("\"ping\"", None, BadRequest);
        bad("{\"type\":\"ping\"", None, BadRequest);
        bad("{\"type\":\"ping\"}}", None, BadRequest);
        bad("\u{feff}{\"type\":\"ping\"}", None, BadRequest);
        bad(r#"{"id":3}"#, Some(3), BadRequest);
        bad(r#"{"type":7,"id":3}"#, None, BadRequest);
        bad(r#"{"type":"ping","id":-1}"#, None, BadRequest);
        bad(r#"{"type":"ping","id":1.5}"#, None, BadRequest);
        bad(r#"{"type":"ping","id":1e400}"#, None, BadRequest);
        bad(r#"{"type":"ping","id":9007199254740992}"#, None, BadRequest);
        bad(r#"{"type":"ping","id":1,"id":2}"#, None, BadRequest);
        bad(r#"{"type":"join","id":3}"#, Some(3), BadRequest);
        bad(r#"{"type":"join","id":3,"room":4}"#, Some(3), BadRequest);
        bad(r#"{"type":"send","id":3,"room":"a","nonce":"n","text":"\ud800"}"#, Some(3), BadRequest);
        bad(r#"{"type":"read","id":3,"room":"a","seq":-1}"#, Some(3), BadRequest);
        bad(r#"{"type":"dance","id":3}"#, Some(3), UnknownType);
        // Deep nesting does not use up the stack.
        let deep = format!("{}1{}", "[".repeat(30_000), "]".repeat(30_000));
        bad(&deep, None, BadRequest);
        bad(&format!(r#"{{"x":{deep}}}"#), None, BadRequest);
        bad(&format!(r#"{{"type":"leave","id":3,"room":{deep}}}"#), Some(3), BadRequest);
    }

    #[test]
    fn unknown_fields_are_ignored() {
        let frame =
            ClientFrame::decode(r#" {"x":[1,{"y":null}],"id":9007199254740991,"type":"ping"} "#).unwrap();
        assert_eq!(frame, ClientFrame { id: Some(9_007_199_254_740_991), command: Command::Ping {} });
        assert_eq!(ServerFrame::decode(r#"{"type":"from-the-future"}"#), Ok(None));
    }
}
