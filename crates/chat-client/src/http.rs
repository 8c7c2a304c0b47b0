//! Requests over HTTP beside the socket, to one server and to nowhere else.

use std::time::Duration;

use chat_proto::account::HttpFailure;
use reqwest::{RequestBuilder, Response};
use serde::de::DeserializeOwned;

use crate::endpoint::Endpoint;

/// Largest answer that is read as a whole, in bytes.
const ANSWER_BYTES: usize = 64 * 1024;

/// How long a connection may take, or bring nothing.
const SILENCE: Duration = Duration::from_secs(30);

/// What makes requests to a server.
#[derive(Clone, Debug)]
pub(crate) struct Http {
    endpoint: Endpoint,
    program: String,
    /// How long a request may take in all.
    patience: Option<Duration>,
}

impl Http {
    pub(crate) fn new(endpoint: Endpoint, program: String, patience: Option<Duration>) -> Self {
        Self { endpoint, program, patience }
    }

    fn client(&self) -> Result<reqwest::Client, String> {
        // Whoever comes first installs it.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let mut client = reqwest::Client::builder()
            .user_agent(self.program.clone())
            .connect_timeout(SILENCE)
            .read_timeout(SILENCE)
            // Nobody else is given a password or a token.
            .redirect(reqwest::redirect::Policy::none());
        if let Some(patience) = self.patience {
            client = client.timeout(patience);
        }
        client.build().map_err(|e| format!("Requests cannot be made: {e}."))
    }

    pub(crate) fn get(&self, path: &str) -> Result<RequestBuilder, String> {
        Ok(self.client()?.get(self.endpoint.http(path)))
    }

    pub(crate) fn post(&self, path: &str) -> Result<RequestBuilder, String> {
        Ok(self.client()?.post(self.endpoint.http(path)))
    }

    pub(crate) fn unreachable(&self) -> String {
        format!("No server answers at {}.", self.endpoint)
    }

    /// The answer, where it is a good one; else what the server says is wrong.
    pub(crate) async fn send(&self, request: RequestBuilder) -> Result<Response, String> {
        let response = request.send().await.map_err(|_| self.unreachable())?;
        let status = response.status();
        if status.is_success() {
            return Ok(response);
        }
        let body = self.read(response).await.unwrap_or_default();
        let failure: Result<HttpFailure, _> = serde_json::from_slice(&body);
        Err(failure.map_or_else(|_| format!("The server answered {status}."), |failure| failure.message))
    }

    /// The answer as what it should be.
    pub(crate) async fn answer<T: DeserializeOwned>(&self, request: RequestBuilder) -> Result<T, String> {
        let body = self.read(self.send(request).await?).await?;
        serde_json::from_slice(&body).map_err(|_| "The server's answer cannot be read.".to_owned())
    }

    async fn read(&self, mut response: Response) -> Result<Vec<u8>, String> {
        let mut body = Vec::new();
        while let Some(piece) = response.chunk().await.map_err(|_| self.unreachable())? {
            if body.len() + piece.len() > ANSWER_BYTES {
                return Err("The server's answer is too long to be one.".to_owned());
            }
            body.extend_from_slice(&piece);
        }
        Ok(body)
    }
}
