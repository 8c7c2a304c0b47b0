//! HTTP requests, each on its own connection.

use std::net::SocketAddr;

use serde_json::Value;
use testbed::PATIENCE;
use tokio::net::TcpStream;

/// An HTTP response.
pub struct Answer {
    pub status: u16,
    pub head: String,
    pub body: Value,
}

impl Answer {
    pub fn read(text: &str) -> Self {
        let (head, body) = text.split_once("\r\n\r\n").unwrap_or((text, ""));
        let status = head.get(9..12).and_then(|status| status.parse().ok()).unwrap_or(0);
        Self { status, head: head.to_lowercase(), body: serde_json::from_str(body).unwrap_or(Value::Null) }
    }

    /// Returns the token in the body.
    pub fn token(&self) -> String {
        assert_eq!(self.status, 200, "{} {}", self.head, self.body);
        self.body["token"].as_str().unwrap().to_owned()
    }

    /// Returns the cookie that was set, as a browser sends it back.
    pub fn cookie(&self) -> String {
        let set = self.head.lines().find_map(|line| line.strip_prefix("set-cookie: ")).unwrap();
        set.split(';').next().unwrap().to_owned()
    }
}

/// Sends `POST path` with JSON and more headers.
pub async fn post(address: SocketAddr, path: &str, headers: &str, body: Value) -> Answer {
    let body = body.to_string();
    post_as(address, path, &format!("Content-Type: application/json\r\n{headers}"), &body).await
}

/// Sends `POST path` with any body and headers.
pub async fn post_as(address: SocketAddr, path: &str, headers: &str, body: &str) -> Answer {
    let length = body.len();
    let request = format!(
        "POST {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\nContent-Length: {length}\r\n{headers}\r\n{body}"
    );
    Answer::read(&http(address, &request).await)
}

/// Returns the headers for an upload of [`form`].
pub fn file_headers(token: &str) -> String {
    format!("Content-Type: multipart/form-data; boundary=XX\r\n{}", bearer(token))
}

/// Returns a form with a file as its only field.
pub fn form(name: &str, content: &str) -> String {
    format!(
        "--XX\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\r\n{content}\r\n--XX--\r\n"
    )
}

/// Returns an `Authorization` header with a token.
pub fn bearer(token: &str) -> String {
    format!("Authorization: Bearer {token}\r\n")
}

/// Sends an HTTP request as bytes, and returns the whole response.
pub async fn http(address: SocketAddr, request: &str) -> String {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    tokio::time::timeout(PATIENCE, stream.read_to_end(&mut answer)).await.unwrap().unwrap();
    String::from_utf8_lossy(&answer).into_owned()
}

/// Sends `GET path` with more headers, on its own connection.
pub async fn get(address: SocketAddr, path: &str, headers: &str) -> String {
    http(address, &format!("GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n{headers}\r\n"))
        .await
}
