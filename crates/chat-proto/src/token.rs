//! The secret with which a user comes back as the same user.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A login's token as the client holds it: 256 random bits, written as text. Does not print.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Token(String);

impl Token {
    /// Wraps a token's text.
    #[must_use]
    pub fn new(text: String) -> Self {
        Self(text)
    }

    /// The token's text, for the wire and for a file of mode 0600; never for a log.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(…)")
    }
}
