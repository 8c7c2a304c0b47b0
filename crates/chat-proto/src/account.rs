//! What is said over HTTP beside the socket: registering, logging in and out, and what the server allows.

use std::fmt;

use precis_core::profile::PrecisFastInvocation;
use precis_profiles::OpaqueString;
use serde::{Deserialize, Serialize};

use crate::Token;
use crate::error::{ErrorCode, Refusal};
use crate::limits::{PASSWORD_BYTES, PASSWORD_MIN_BYTES};
use crate::user::Me;

/// A pass-phrase: any characters, 8 to 1,024 bytes, taken exactly as typed. Does not print.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Password(String);

impl Password {
    /// Wraps what was typed.
    #[must_use]
    pub fn new(text: String) -> Self {
        Self(text)
    }

    /// The pass-phrase itself; never for a log.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// The form in which passwords are compared: OpaqueString (RFC 8265, 4.2), so that it does not matter how a keyboard
    /// composes a letter. What the profile does not allow stays as it was typed.
    #[must_use]
    pub fn normal(&self) -> Self {
        Self(OpaqueString::enforce(self.0.as_str()).map_or_else(|_| self.0.clone(), Into::into))
    }

    /// Whether it has a length that a pass-phrase can have.
    ///
    /// # Errors
    /// `too_long`, or `bad_request` where it is too short.
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

/// Body of `POST /api/register` and `/api/login`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Credentials {
    /// Who.
    pub name: String,
    /// The pass-phrase.
    pub password: Password,
    /// For registering where the server asks for one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub invitation: Option<String>,
}

/// Body of `POST /api/guest`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct GuestName {
    /// The name to have.
    pub name: String,
}

/// Body of `POST /api/password`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewPassword {
    /// The pass-phrase until now.
    pub old: Password,
    /// The pass-phrase from now on.
    pub new: Password,
}

/// Answer to `register`, `login`, `guest` and `password`: the user and the token of a new login.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LoggedIn {
    /// With it the user comes back, here and in `hello`.
    pub token: Token,
    /// Who it is.
    pub user: Me,
}

/// Who may register.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Registration {
    /// Everyone.
    Open,
    /// Who has an invitation code.
    Invite,
    /// Nobody; accounts are made on the server's command line.
    Closed,
}

/// Answer to `GET /api/server`: what a login form must know.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServerInfo {
    /// The server's name, for people.
    pub name: String,
    /// Its version.
    pub version: String,
    /// Whether one may come by a name alone.
    pub guests: bool,
    /// Who may register.
    pub registration: Registration,
}

/// What a refused request answers, with the fitting status.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HttpFailure {
    /// For programs; one of [`ErrorCode`]'s, or a word of HTTP's own such as `not_found`.
    pub code: String,
    /// A sentence a person can act on.
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
