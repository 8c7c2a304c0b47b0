//! What people write: message texts, topics and reasons; and idempotency keys, which identify a message before it has
//! a seq.

use std::fmt;

use crate::error::{ErrorCode, Refusal};
use crate::limits::{NONCE_BYTES, REASON_BYTES, TEXT_BYTES, TOPIC_BYTES};

/// A message's text: 1 to [`TEXT_BYTES`] bytes of UTF-8, trimmed. Empty only if the message has files. It may contain
/// any character, so every program must sanitise it before showing it.
#[derive(Clone, PartialEq, Eq)]
pub struct MessageText(String);

impl MessageText {
    /// Trims a text and checks its length.
    ///
    /// # Errors
    /// `empty` or `too_long`.
    pub fn parse(input: &str) -> Result<Self, Refusal> {
        if input.trim().is_empty() {
            return Err(Refusal::new(ErrorCode::Empty, "A message needs a text."));
        }
        Self::parse_beside_files(input)
    }

    /// Like [`MessageText::parse`], for a message with files: the text may be empty.
    ///
    /// # Errors
    /// `too_long`.
    pub fn parse_beside_files(input: &str) -> Result<Self, Refusal> {
        bounded(input.trim(), TEXT_BYTES).map(Self)
    }

    /// Returns the text as it is stored.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the text as it is stored.
    #[must_use]
    pub fn into_string(self) -> String {
        self.0
    }
}

impl fmt::Debug for MessageText {
    /// Shows only the length, because texts do not belong in logs.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MessageText({} bytes)", self.0.len())
    }
}

/// A room's topic: one line of at most [`TOPIC_BYTES`] bytes, possibly empty.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Topic(String);

impl Topic {
    /// Trims a topic and checks its length. Line breaks and other control characters become spaces.
    ///
    /// # Errors
    /// `too_long`.
    pub fn parse(input: &str) -> Result<Self, Refusal> {
        bounded(one_line(input).trim(), TOPIC_BYTES).map(Self)
    }

    /// Returns the topic as it is stored.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The reason for a moderation action: one line of at most [`REASON_BYTES`] bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reason(String);

impl Reason {
    /// Trims a reason and checks its length. Line breaks and other control characters become spaces. Returns `None`
    /// if nothing is left.
    ///
    /// # Errors
    /// `too_long`.
    pub fn parse(input: Option<&str>) -> Result<Option<Self>, Refusal> {
        let line = one_line(input.unwrap_or_default());
        let reason = bounded(line.trim(), REASON_BYTES)?;
        Ok((!reason.is_empty()).then_some(Self(reason)))
    }

    /// Returns the reason as it is stored.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn one_line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

/// A message's idempotency key, chosen by the client: 1 to [`NONCE_BYTES`] of `A-Z a-z 0-9 _ -`. Sending a message
/// again with the same key never stores it twice, however much later.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Nonce(String);

impl Nonce {
    /// Checks the length and the characters.
    ///
    /// # Errors
    /// `bad_request` if the key is not valid.
    pub fn parse(input: &str) -> Result<Self, Refusal> {
        let fits = (1..=NONCE_BYTES).contains(&input.len());
        if fits && input.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-')) {
            Ok(Self(input.to_owned()))
        } else {
            Err(Refusal::new(
                ErrorCode::BadRequest,
                format!("A nonce has 1 to {NONCE_BYTES} of the characters A-Z, a-z, 0-9, '_' and '-'."),
            ))
        }
    }

    /// Returns the key as it is on the wire.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn bounded(text: &str, limit: usize) -> Result<String, Refusal> {
    if text.len() > limit {
        let why = format!(
            "The text has {} bytes, and the limit is {limit}. Shorten it or send it in parts.",
            text.len()
        );
        return Err(Refusal::new(ErrorCode::TooLong, why));
    }
    Ok(text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_trimmed_and_measured_in_bytes() {
        assert_eq!(MessageText::parse("  hi\n").unwrap().as_str(), "hi");
        assert_eq!(MessageText::parse(" \n\t ").unwrap_err().code, ErrorCode::Empty);
        assert!(MessageText::parse(&format!(" {} ", "x".repeat(4096))).is_ok());
        assert_eq!(MessageText::parse(&"x".repeat(4097)).unwrap_err().code, ErrorCode::TooLong);
        assert_eq!(MessageText::parse(&"é".repeat(2049)).unwrap_err().code, ErrorCode::TooLong);
    }

    #[test]
    fn topics_are_one_line() {
        assert_eq!(Topic::parse(" a\nb\u{7}c ").unwrap().as_str(), "a b c");
        assert_eq!(Topic::parse("").unwrap().as_str(), "");
        assert!(Topic::parse(&"x".repeat(251)).is_err());
    }

    #[test]
    fn nonces() {
        assert!(Nonce::parse("A-z_09").is_ok());
        for bad in ["", "a b", "ä", &"x".repeat(65)] {
            assert!(Nonce::parse(bad).is_err(), "{bad:?}");
        }
    }
}
