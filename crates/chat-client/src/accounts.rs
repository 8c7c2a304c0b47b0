//! Registers, logs in and logs out over HTTP.

use std::time::Duration;

use chat_proto::Token;
use chat_proto::account::{Credentials, LoggedIn, NewPassword, ServerInfo};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::endpoint::Endpoint;
use crate::error::Error;
use crate::http::Http;

/// How long a request may take. A busy server hashes passwords one after another.
const PATIENCE: Duration = Duration::from_secs(20);

/// Makes account requests to a server.
#[derive(Clone, Debug)]
pub struct Accounts(Http);

impl Accounts {
    /// Creates a client for the accounts at `endpoint`, on behalf of `program` (such as `chat-tui/0.1.0`).
    #[must_use]
    pub fn new(endpoint: Endpoint, program: String) -> Self {
        Self(Http::new(endpoint, program, Some(PATIENCE)))
    }

    /// Returns what a login form needs to know.
    ///
    /// # Errors
    /// [`Error::Refused`] or [`Error::Unreachable`].
    pub async fn info(&self) -> Result<ServerInfo, Error> {
        Ok(self.0.answer(self.0.get("/api/server")?).await?)
    }

    /// Creates an account. With a guest's token, that guest becomes the account.
    ///
    /// # Errors
    /// [`Error::Refused`] or [`Error::Unreachable`].
    pub async fn register(&self, who: &Credentials, guest: Option<&Token>) -> Result<LoggedIn, Error> {
        self.post("/api/register", who, guest).await
    }

    /// Logs in with a password.
    ///
    /// # Errors
    /// [`Error::Refused`] or [`Error::Unreachable`].
    pub async fn login(&self, who: &Credentials) -> Result<LoggedIn, Error> {
        self.post("/api/login", who, None).await
    }

    /// Ends the login of `token`.
    ///
    /// # Errors
    /// [`Error::Refused`] or [`Error::Unreachable`].
    pub async fn logout(&self, token: &Token) -> Result<(), Error> {
        self.post::<serde_json::Value>("/api/logout", &serde_json::json!({}), Some(token)).await.map(drop)
    }

    /// Changes the password of the user whose `token` it is, and ends their other logins.
    ///
    /// # Errors
    /// [`Error::Refused`] or [`Error::Unreachable`].
    pub async fn change_password(&self, change: &NewPassword, token: &Token) -> Result<LoggedIn, Error> {
        self.post("/api/password", change, Some(token)).await
    }

    async fn post<T: DeserializeOwned>(
        &self,
        path: &str,
        body: &impl Serialize,
        token: Option<&Token>,
    ) -> Result<T, Error> {
        let json = serde_json::to_string(body).map_err(|e| Error::NoRequests(e.to_string()))?;
        let mut request = self.0.post(path)?;
        request = request.header("content-type", "application/json").body(json);
        if let Some(token) = token {
            request = request.bearer_auth(token.expose());
        }
        Ok(self.0.answer(request).await?)
    }
}
