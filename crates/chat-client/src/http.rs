//! Makes HTTP requests to one server and to no other.

use std::sync::OnceLock;
use std::time::Duration;

use http::header;
use reqwest::{RequestBuilder, Response};
use serde::de::DeserializeOwned;

use crate::cause::Cause;
use crate::endpoint::Endpoint;
use crate::error::Error;
use crate::tls;

/// The maximum length of a response that is read as a whole, in bytes.
const ANSWER_BYTES: usize = 64 * 1024;

/// How long connecting may take, and how long a connection may be silent.
const SILENCE: Duration = Duration::from_secs(30);

/// Returns the program's HTTP client, which keeps connections open between requests.
fn client() -> Result<&'static reqwest::Client, Error> {
    static CLIENT: OnceLock<Result<reqwest::Client, String>> = OnceLock::new();
    let made = CLIENT.get_or_init(|| {
        tls::install_crypto();
        reqwest::Client::builder()
            .connect_timeout(SILENCE)
            .read_timeout(SILENCE)
            // A redirect must not carry a password or a token to another host.
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .map_err(|e| e.to_string())
    });
    made.as_ref().map_err(|why| Error::NoRequests(why.clone()))
}

/// Makes requests to a server.
#[derive(Clone, Debug)]
pub(crate) struct Http {
    endpoint: Endpoint,
    program: String,
    /// How long a whole request may take.
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

    /// Sends a request and returns the response if it is a success.
    pub(crate) async fn send(&self, request: RequestBuilder) -> Result<Response, Cause> {
        let response = request.send().await?;
        let status = response.status();
        if status.is_success() {
            return Ok(response);
        }
        let headers = response.headers().clone();
        let body = self.read(response).await.unwrap_or_default();
        Err(match Cause::of_answer(status, &headers, &body) {
            // If a chat server's URLs do not exist, this is not a chat server.
            Cause::Status(404 | 405) => Cause::NoChatServer,
            cause => cause,
        })
    }

    /// Sends a request and parses the response.
    pub(crate) async fn answer<T: DeserializeOwned>(&self, request: RequestBuilder) -> Result<T, Cause> {
        let body = self.read(self.send(request).await?).await?;
        serde_json::from_slice(&body).map_err(|_| Cause::NoChatServer)
    }

    async fn read(&self, mut response: Response) -> Result<Vec<u8>, Cause> {
        let mut body = Vec::new();
        while let Some(piece) = response.chunk().await? {
            if body.len() + piece.len() > ANSWER_BYTES {
                return Err("The server's answer is too long.".into());
            }
            body.extend_from_slice(&piece);
        }
        Ok(body)
    }
}
