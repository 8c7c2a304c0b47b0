//! Tokens: made of 256 random bits, stored only as hashes.

use std::fmt;
use std::fmt::Write as _;

use chat_proto::Token;
use sha2::{Digest, Sha256};

/// The stored form of a token. A token has 256 random bits, so a plain hash cannot be reversed by guessing.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct TokenHash([u8; 32]);

impl TokenHash {
    /// Returns the hash of a token that a client presented.
    #[must_use]
    pub fn of(token: &Token) -> Self {
        Self(Sha256::digest(token.expose().as_bytes()).into())
    }

    /// Returns the bytes to store.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// Reads a stored hash. Returns `None` if the bytes are not one.
    #[must_use]
    pub fn read(stored: &[u8]) -> Option<Self> {
        stored.try_into().ok().map(Self)
    }

    /// Returns a short form of a stored hash that can be shown: too short to find the token by, but long enough to
    /// distinguish a user's logins.
    #[must_use]
    pub fn short(stored: &[u8]) -> String {
        hex(stored.get(..8).unwrap_or(stored))
    }
}

impl fmt::Debug for TokenHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TokenHash(…)")
    }
}

/// Creates a token. Its prefix lets leak scanners recognise it.
///
/// # Errors
/// If the system has no source of randomness.
pub fn new_token() -> anyhow::Result<Token> {
    Ok(Token::new(format!("chat_{}", random_hex::<32>()?)))
}

/// Returns `N` random bytes in hexadecimal.
///
/// # Errors
/// If the system has no source of randomness.
pub fn random_hex<const N: usize>() -> anyhow::Result<String> {
    Ok(hex(&random::<N>()?))
}

/// Returns `N` random bytes.
///
/// # Errors
/// If the system has no source of randomness.
pub fn random<const N: usize>() -> anyhow::Result<[u8; N]> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes)
        .map_err(|e| anyhow::anyhow!("the system has no source of randomness: {e}"))?;
    Ok(bytes)
}

/// Returns bytes in hexadecimal.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut hex, byte| {
        // Writing to a String cannot fail.
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

/// A secret from the configuration, such as the token for `/metrics`. Its `Debug` output does not show it.
#[derive(Clone)]
pub struct Secret(String);

impl Secret {
    /// Whether `shown` is the secret. The time that this takes reveals nothing about the secret.
    #[must_use]
    pub fn matches(&self, shown: &str) -> bool {
        // Comparing hashes reveals as little as a constant-time comparison would.
        Sha256::digest(self.0.as_bytes()) == Sha256::digest(shown.as_bytes())
    }
}

impl From<String> for Secret {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_do_not_print() {
        let token = new_token().unwrap();
        let printed =
            format!("{token:?} {:?} {:?}", TokenHash::of(&token), Secret::from("hunter2".to_owned()));
        assert!(!printed.contains(token.expose()) && !printed.contains("hunter2"), "{printed}");
        assert_eq!(token.expose().len(), "chat_".len() + 64);
        assert_ne!(token, new_token().unwrap());
    }
}
