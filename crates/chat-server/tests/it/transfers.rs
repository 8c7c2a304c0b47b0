//! Uploads and downloads as bytes, for the tests of files.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::support::{PATIENCE, Server, bearer};

pub struct Got {
    pub status: u16,
    pub head: String,
    pub body: Vec<u8>,
}

impl Got {
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|e| panic!("{e}: {} {}", self.head, String::from_utf8_lossy(&self.body)))
    }

    pub fn header(&self, name: &str) -> &str {
        let found = self.head.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
        found.unwrap_or_default()
    }
}

/// Sends a whole request as bytes, on its own connection.
pub async fn ask(address: SocketAddr, head: &str, body: &[u8]) -> Got {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let (mut from, mut to) = stream.split();
    let mut answer = Vec::new();
    let exchange = async {
        // A refused request need not be read to its end.
        let write = async {
            let _ = to.write_all(head.as_bytes()).await;
            let _ = to.write_all(body).await;
        };
        tokio::join!(write, from.read_to_end(&mut answer)).1
    };
    let _ = tokio::time::timeout(PATIENCE, exchange).await.expect("it is answered");
    let end = answer.windows(4).position(|w| w == b"\r\n\r\n").unwrap_or(answer.len());
    let head = String::from_utf8_lossy(&answer[..end]).to_lowercase();
    let status = head.get(9..12).and_then(|status| status.parse().ok()).unwrap_or(0);
    Got { status, head, body: answer.get(end + 4..).unwrap_or_default().to_vec() }
}

pub async fn post(address: SocketAddr, token: &str, kind: &str, body: &[u8]) -> Got {
    let head = format!(
        "POST /api/files HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\nContent-Type: {kind}\r\nContent-Length: {}\r\n{}\r\n",
        body.len(),
        bearer(token)
    );
    ask(address, &head, body).await
}

pub const FORM: &str = "multipart/form-data; boundary=XX";

pub fn form(name: &str, content: &[u8]) -> Vec<u8> {
    let head = format!(
        "--XX\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\nContent-Type: image/png\r\n\r\n"
    );
    [head.as_bytes(), content, b"\r\n--XX--\r\n"].concat()
}

pub async fn upload(server: &Server, token: &str, name: &str, content: &[u8]) -> Value {
    let got = post(server.address, token, FORM, &form(name, content)).await;
    assert_eq!(got.status, 200, "{} {}", got.head, String::from_utf8_lossy(&got.body));
    got.json()
}

pub async fn get(address: SocketAddr, path: &str, token: &str, more: &str) -> Got {
    let auth = if token.is_empty() { String::new() } else { bearer(token) };
    let head = format!("GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n{auth}{more}\r\n");
    ask(address, &head, b"").await
}

/// Returns every file in the folder of contents.
pub fn kept(server: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![server.join("files")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() { folders.push(path) } else { found.push(path) }
        }
    }
    found
}
