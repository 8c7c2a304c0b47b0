//! Requests over HTTP beside the socket, to one server and to nowhere else.

use std::sync::OnceLock;
use std::time::Duration;

use http::header;
use reqwest::{RequestBuilder, Response};
use serde::de::DeserializeOwned;

use crate::cause::Cause;
use crate::endpoint::Endpoint;
use crate::error::Error;
use crate::tls;

/// Largest answer that is read as a whole, in bytes.
const ANSWER_BYTES: usize = 64 * 1024;

/// How long a connection may take, or bring nothing.
const SILENCE: Duration = Duration::from_secs(30);

/// The client of the whole program, which keeps connections open between requests.
fn client() -> Result<&'static reqwest::Client, Error> {
    static CLIENT: OnceLock<Result<reqwest::Client, String>> = OnceLock::new();
    let made = CLIENT.get_or_init(|| {
        tls::install_crypto();
        reqwest::Client::builder()
            .connect_timeout(SILENCE)
            .read_timeout(SILENCE)
            // A redirection must not carry a password or a token to somebody else.
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .map_err(|e| e.to_string())
    });
    made.as_ref().map_err(|why| Error::NoRequests(why.clone()))
}

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

    pub(crate) fn get(&self, path: &str) -> Result<RequestBuilder, Error> {
        Ok(self.prepared(client()?.get(self.endpoint.http(path))))
    }

    pub(crate) fn post(&self, path: &str) -> Result<RequestBuilder, Error> {
        Ok(self.prepared(client()?.post(self.endpoint.http(path))))
    }

    fn prepared(&self, request: RequestBuilder) -> RequestBuilder {
        let request = request.header(header::USER_AGENT, &self.program);
        match self.patience {
            Some(patience) => request.timeout(patience),
            None => request,
        }
    }

    /// The answer, if it is a good one; else what is wrong.
    pub(crate) async fn send(&self, request: RequestBuilder) -> Result<Response, Cause> {
        let response = request.send().await?;
        let status = response.status();
        if status.is_success() {
            return Ok(response);
        }
        let headers = response.headers().clone();
        let body = self.read(response).await.unwrap_or_default();
        Err(match Cause::of_answer(status, &headers, &body) {
            // Where a chat server has its own addresses, something else has none.
            Cause::Status(404 | 405) => Cause::NoChatServer,
            cause => cause,
        })
    }

    /// The answer as what it should be.
    pub(crate) async fn answer<T: DeserializeOwned>(&self, request: RequestBuilder) -> Result<T, Cause> {
        let body = self.read(self.send(request).await?).await?;
        serde_json::from_slice(&body).map_err(|_| Cause::NoChatServer)
    }

    async fn read(&self, mut response: Response) -> Result<Vec<u8>, Cause> {
        let mut body = Vec::new();
        while let Some(piece) = response.chunk().await? {
            if body.len() + piece.len() > ANSWER_BYTES {
                return Err("The server's answer is too long to be one.".into());
            }
            body.extend_from_slice(&piece);
        }
        Ok(body)
    }
}
