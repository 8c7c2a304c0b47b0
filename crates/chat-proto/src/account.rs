//! The bodies of HTTP requests and responses: registering, logging in and out, and what the server allows.

use std::fmt;

use precis_core::profile::PrecisFastInvocation;
use precis_profiles::OpaqueString;
use serde::{Deserialize, Serialize};

use crate::Token;
use crate::error::{ErrorCode, Refusal};
use crate::limits::{PASSWORD_BYTES, PASSWORD_MIN_BYTES};
use crate::user::Me;

/// A password: any characters, 8 to 1,024 bytes, taken exactly as typed. Its `Debug` output does not show it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Password(String);

impl Password {
    /// Wraps a password as it was typed.
    #[must_use]
    pub fn new(text: String) -> Self {
        Self(text)
    }

    /// Returns the password in clear. Never log it.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Returns the form in which passwords are compared: OpaqueString (RFC 8265, 4.2), so that it does not matter how
    /// a keyboard composes a letter. A password that the profile does not allow stays as it was typed.
    #[must_use]
    pub fn normal(&self) -> Self {
        Self(OpaqueString::enforce(self.0.as_str()).map_or_else(|_| self.0.clone(), Into::into))
    }

    /// Checks that the length is allowed for a password.
    ///
    /// # Errors
    /// `too_long`, or `bad_request` if it is too short.
    pub fn check_length(&self) -> Result<(), Refusal> {
        match self.0.len() {
            n if n < PASSWORD_MIN_BYTES => {
                let why =
                    format!("A password has at least {PASSWORD_MIN_BYTES} characters. A few words are best.");
                Err(Refusal::new(ErrorCode::BadRequest, why))
            }
            n if n > PASSWORD_BYTES => {
                let why = format!("A password has at most {PASSWORD_BYTES} bytes.");
                Err(Refusal::new(ErrorCode::TooLong, why))
            }
            _ => Ok(()),
        }
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(…)")
    }
}

/// The body of `POST /api/register` and `POST /api/login`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Credentials {
    /// The user's name.
    pub name: String,
    /// The password.
    pub password: Password,
    /// The invitation code, to register on a server that requires one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub invitation: Option<String>,
}

/// The body of `POST /api/guest`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct GuestName {
    /// The name that the guest wants.
    pub name: String,
}

/// The body of `POST /api/password`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewPassword {
    /// The current password.
    pub old: Password,
    /// The new password.
    pub new: Password,
}

/// The response to `register`, `login`, `guest` and `password`: the user and the token of a new login.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LoggedIn {
    /// The token that authenticates the user in later requests and in `hello`.
    pub token: Token,
    /// The user.
    pub user: Me,
}

/// Who may register.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Registration {
    /// Everyone.
    Open,
    /// Anyone with an invitation code.
    Invite,
    /// Nobody. Accounts are created on the server's command line.
    Closed,
}

/// The response to `GET /api/server`: what a login form needs to know.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServerInfo {
    /// The server's display name.
    pub name: String,
    /// The server's version.
    pub version: String,
    /// Whether guests may enter with only a name.
    pub guests: bool,
    /// Who may register.
    pub registration: Registration,
}

/// The body of an HTTP error response.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HttpFailure {
    /// A code for programs: one of [`ErrorCode`]'s, or a word for an HTTP status such as `not_found`.
    pub code: String,
    /// A sentence that a person can act on.
    pub message: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_are_measured_and_do_not_print() {
        let check = |n: usize| Password::new("x".repeat(n)).check_length();
        assert_eq!(check(7).unwrap_err().code, ErrorCode::BadRequest);
        assert!(check(8).is_ok() && check(1024).is_ok());
        assert_eq!(check(1025).unwrap_err().code, ErrorCode::TooLong);
        let body =
            Credentials { name: "a".into(), password: Password::new("hunter22".into()), invitation: None };
        assert!(!format!("{body:?}").contains("hunter22"));
    }
}
