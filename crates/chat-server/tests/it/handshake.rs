//! The WebSocket handshake.

use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::support::{Host, PATIENCE, Server, http};

const UPGRADE: &str = "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n";

/// Returns the status of an attempt to upgrade.
async fn status(server: &Server, host: &str, headers: &str) -> u16 {
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    stream.write_all(format!("GET /ws HTTP/1.1\r\nHost: {host}\r\n{headers}\r\n").as_bytes()).await.unwrap();
    let mut line = [0; 12];
    tokio::time::timeout(PATIENCE, stream.read_exact(&mut line)).await.unwrap().unwrap();
    String::from_utf8_lossy(&line)[9..].parse().unwrap()
}

#[tokio::test]
async fn auth_01_only_pages_of_this_server_may_connect() {
    let server = Server::with(|config| {
        config.public_urls = vec![chat_server::config::Origin::parse("https://chat.example.org").unwrap()];
    })
    .await;
    let own = server.address.to_string();
    let local = format!("localhost:{}", server.address.port());
    for (host, origin) in [
        (own.as_str(), None),
        (&own, Some(format!("http://{own}"))),
        (&local, Some(format!("http://{local}"))),
        ("chat.example.org", Some("https://chat.example.org".to_owned())),
    ] {
        let headers = origin.map_or(UPGRADE.to_owned(), |origin| format!("{UPGRADE}Origin: {origin}\r\n"));
        assert_eq!(status(&server, host, &headers).await, 101, "{host} {headers}");
    }
    for origin in [
        "https://evil.example",
        "null",
        "http://chat.example.org",
        "https://chat.example.org.evil.example",
        "http://127.0.0.1:1",
    ] {
        let headers = format!("{UPGRADE}Origin: {origin}\r\n");
        assert_eq!(status(&server, &own, &headers).await, 403, "{origin}");
    }
    // DNS rebinding: both headers are the attacker's.
    let rebound = format!("{UPGRADE}Origin: http://evil.example\r\n");
    assert_eq!(status(&server, "evil.example", &rebound).await, 421);
    let twice = format!("{UPGRADE}Origin: http://{own}\r\nOrigin: https://evil.example\r\n");
    assert_eq!(status(&server, &own, &twice).await, 403);
}

#[tokio::test]
async fn ws_13_a_handshake_that_is_none_is_never_upgraded() {
    let server = Server::start().await;
    let own = server.address.to_string();
    for headers in [
        "".to_owned(),
        UPGRADE.replace("Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n", ""),
        UPGRADE.replace("Version: 13", "Version: 8"),
        UPGRADE.replace("Connection: Upgrade\r\n", ""),
        UPGRADE.replace("websocket", "h2c"),
        UPGRADE.replace("dGhlIHNhbXBsZSBub25jZQ==", "short"),
        format!("{UPGRADE}Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n"),
    ] {
        assert_eq!(status(&server, &own, &headers).await, 400, "{headers}");
    }
    let old = format!("GET /ws HTTP/1.0\r\nHost: {own}\r\n{UPGRADE}\r\n");
    assert!(!http(server.address, &old).await.starts_with("HTTP/1.1 101"), "HTTP/1.0 has no upgrade");
    let post = format!("POST /ws HTTP/1.1\r\nHost: {own}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    assert!(http(server.address, &post).await.starts_with("HTTP/1.1 405"));
}

#[tokio::test]
async fn ws_15_ws_16_neither_compression_nor_a_subprotocol_is_negotiated() {
    let server = Server::start().await;
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    let request = format!(
        "GET /ws HTTP/1.1\r\nHost: {}\r\n{UPGRADE}Sec-WebSocket-Extensions: permessage-deflate\r\nSec-WebSocket-Protocol: chat, chat\r\n\r\n",
        server.address
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = [0; 2048];
    let n = stream.read(&mut answer).await.unwrap();
    let answer = String::from_utf8_lossy(&answer[..n]).to_lowercase();
    assert!(
        answer.starts_with("http/1.1 101")
            && !answer.contains("extensions")
            && !answer.contains("sec-websocket-protocol"),
        "{answer}"
    );
}

/// Half a handshake, no byte at all, and no hello: each is ended after about ten seconds.
#[tokio::test]
async fn ws_14_ws_20_who_says_nothing_or_half_of_it_is_closed_in_ten_seconds() {
    let server = Server::start().await;
    let began = Instant::now();
    let closed = async |bytes: &'static [u8]| {
        let mut stream = TcpStream::connect(server.address).await.unwrap();
        stream.write_all(bytes).await.unwrap();
        let mut rest = Vec::new();
        let _ = tokio::time::timeout(PATIENCE, stream.read_to_end(&mut rest)).await.expect("it is closed");
    };
    let no_hello = async {
        let mut peer = server.peer().await;
        assert_eq!(peer.end().await, (Some("protocol".to_owned()), Some(1008)));
    };
    tokio::join!(closed(b""), closed(b"GET /ws HTTP/1.1\r\nHost: x\r\nUpg"), no_hello);
    let took = began.elapsed();
    assert!((Duration::from_secs(9)..PATIENCE).contains(&took), "{took:?}");
}
