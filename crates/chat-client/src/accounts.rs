//! Registering, logging in and out, over HTTP beside the socket.

use std::time::Duration;

use chat_proto::Token;
use chat_proto::account::{Credentials, HttpFailure, LoggedIn, NewPassword, ServerInfo};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::endpoint::Endpoint;

/// How long a request may take: a busy server hashes one password after the other.
const PATIENCE: Duration = Duration::from_secs(20);

/// Largest answer that is read.
const ANSWER_BYTES: usize = 64 * 1024;

/// What the server takes requests from.
#[derive(Clone, Debug)]
pub struct Accounts {
    endpoint: Endpoint,
    program: String,
}

impl Accounts {
    /// The accounts at `endpoint`, asked by `program` (such as `chat-tui/0.1.0`).
    #[must_use]
    pub fn new(endpoint: Endpoint, program: String) -> Self {
        Self { endpoint, program }
    }

    /// What a login form must know.
    ///
    /// # Errors
    /// A sentence.
    pub async fn info(&self) -> Result<ServerInfo, String> {
        self.ask(self.client()?.get(self.endpoint.http("/api/server"))).await
    }

    /// Makes an account; with a guest's token, that guest becomes it.
    ///
    /// # Errors
    /// A sentence.
    pub async fn register(&self, who: &Credentials, guest: Option<&Token>) -> Result<LoggedIn, String> {
        self.post("/api/register", who, guest).await
    }

    /// Takes someone at their pass-phrase.
    ///
    /// # Errors
    /// A sentence.
    pub async fn login(&self, who: &Credentials) -> Result<LoggedIn, String> {
        self.post("/api/login", who, None).await
    }

    /// Ends the login of `token`.
    ///
    /// # Errors
    /// A sentence.
    pub async fn logout(&self, token: &Token) -> Result<(), String> {
        self.post::<serde_json::Value>("/api/logout", &serde_json::json!({}), Some(token)).await.map(drop)
    }

    /// Changes the pass-phrase of who `token` belongs to, and ends their other logins.
    ///
    /// # Errors
    /// A sentence.
    pub async fn change_password(&self, change: &NewPassword, token: &Token) -> Result<LoggedIn, String> {
        self.post("/api/password", change, Some(token)).await
    }

    fn client(&self) -> Result<reqwest::Client, String> {
        // Whoever comes first installs it.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = reqwest::Client::builder()
            .timeout(PATIENCE)
            .user_agent(self.program.clone())
            // Nobody else is given a password.
            .redirect(reqwest::redirect::Policy::none())
            .build();
        client.map_err(|e| format!("Requests cannot be made: {e}."))
    }

    async fn post<T: DeserializeOwned>(
        &self,
        path: &str,
        body: &impl Serialize,
        token: Option<&Token>,
    ) -> Result<T, String> {
        let json = serde_json::to_string(body).map_err(|e| format!("The request cannot be written: {e}."))?;
        let mut request = self.client()?.post(self.endpoint.http(path));
        request = request.header("content-type", "application/json").body(json);
        if let Some(token) = token {
            request = request.bearer_auth(token.expose());
        }
        self.ask(request).await
    }

    async fn ask<T: DeserializeOwned>(&self, request: reqwest::RequestBuilder) -> Result<T, String> {
        let unreachable = |_| format!("No server answers at {}.", self.endpoint);
        let mut response = request.send().await.map_err(unreachable)?;
        let is_fine = response.status().is_success();
        let status = response.status();
        let mut body = Vec::new();
        while let Some(piece) = response.chunk().await.map_err(unreachable)? {
            if body.len() + piece.len() > ANSWER_BYTES {
                return Err("The server's answer is too long to be one.".to_owned());
            }
            body.extend_from_slice(&piece);
        }
        if is_fine {
            return serde_json::from_slice(&body)
                .map_err(|_| "The server's answer cannot be read.".to_owned());
        }
        let failure: Result<HttpFailure, _> = serde_json::from_slice(&body);
        Err(failure.map_or_else(|_| format!("The server answered {status}."), |failure| failure.message))
    }
}
