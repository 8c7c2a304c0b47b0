//! Uploads and requests that are slow or never end.

use std::time::Duration;

use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::support::{Host, Peer, Server, bearer, file_headers, form, get, post_as};

async fn upload(server: &Server, token: &str, content: &str) -> crate::support::Answer {
    post_as(server.address, "/api/files", &file_headers(token), &form("a.txt", content)).await
}

/// Sends the beginning of a request, and returns how it ends.
async fn unfinished(server: &Server, head: &str, body: &str) -> String {
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    let host = server.address;
    stream.write_all(format!("{head}\r\nHost: {host}\r\n{body}").as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    let ended = tokio::time::timeout(Duration::from_secs(20), stream.read_to_end(&mut answer)).await;
    ended.expect("a request that never ends is ended").unwrap();
    String::from_utf8_lossy(&answer).into_owned()
}

#[tokio::test]
async fn a_request_whose_body_never_comes_is_ended() {
    let server = Server::start().await;
    let json = "Content-Type: application/json\r\n";
    let (chunked, half) = (
        format!("{json}Transfer-Encoding: chunked\r\n\r\n5\r\n{{\"nam"),
        format!("{json}Content-Length: 100\r\n\r\n{{\"name"),
    );
    let none = format!("{json}Content-Length: 100\r\n\r\n");
    let all = tokio::join!(
        unfinished(&server, "POST /api/login HTTP/1.1", &half),
        unfinished(&server, "POST /api/login HTTP/1.1", &chunked),
        unfinished(&server, "POST /api/register HTTP/1.1", &none),
        unfinished(&server, "POST /api/guest HTTP/1.1", &half),
        unfinished(&server, "POST /api/logout HTTP/1.1", &none),
        unfinished(&server, "GET /healthz HTTP/1.1", &none),
    );
    for answer in [all.0, all.1, all.2, all.3] {
        assert!(answer.starts_with("HTTP/1.1 408"), "{answer}");
    }
    assert!(all.4.starts_with("HTTP/1.1 401") && all.5.starts_with("HTTP/1.1 200"));
}

#[tokio::test]
async fn all_files_together_have_a_quota() {
    let server = Server::with(|config| config.files_total_bytes = Some(1000)).await;
    let (alice, bob) = (server.member("alice").await, server.member("bob").await);
    assert_eq!(upload(&server, &alice.token, &"a".repeat(600)).await.status, 200);
    assert_eq!(upload(&server, &bob.token, &"b".repeat(600)).await.status, 200, "what has begun may end");
    for peer in [&alice, &bob] {
        let refused = upload(&server, &peer.token, "c").await;
        assert_eq!((refused.status, &refused.body["code"]), (503, &json!("unavailable")));
    }
}

/// Slow uploads of many users prevent nobody from uploading.
#[tokio::test]
async fn slow_uploads_hold_no_slots() {
    let server = Server::start().await;
    let mut slow = Vec::new();
    for n in 0..8 {
        let Peer { token, .. } = server.member(&format!("slow{n}")).await;
        for _ in 0..4 {
            let mut stream = TcpStream::connect(server.address).await.unwrap();
            let head = format!(
                "POST /api/files HTTP/1.1\r\nHost: {}\r\nContent-Length: 100000\r\n{}\r\n",
                server.address,
                file_headers(&token)
            );
            let part = "--XX\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a\"\r\n\r\nxx";
            stream.write_all((head + part).as_bytes()).await.unwrap();
            slow.push(stream);
        }
    }
    let honest = server.member("honest").await;
    let began = std::time::Instant::now();
    loop {
        let answer = upload(&server, &honest.token, "hello").await;
        if answer.status == 200 {
            break;
        }
        assert_eq!(answer.status, 429, "{}", answer.body);
        // Uploads that stall are ended after 30 s.
        assert!(began.elapsed() < Duration::from_secs(20), "they hold the slots");
        for stream in &mut slow {
            stream.write_all(b"x").await.expect("slow uploads are not given up for this");
        }
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
}

/// A request through a trusted proxy counts for the address in its header.
#[tokio::test]
async fn one_client_behind_a_proxy_cannot_take_the_places_of_all() {
    let server = Server::with(|config| {
        config.rate_limit = true;
        config.max_connections_per_address = 5;
        config.trusted_proxies = vec!["127.0.0.1/32".parse().unwrap()];
    })
    .await;
    let half = "Content-Type: application/json\r\nContent-Length: 100\r\n\r\n{";
    let mut held = Vec::new();
    for _ in 0..5 {
        let mut stream = TcpStream::connect(server.address).await.unwrap();
        let head = "POST /api/login HTTP/1.1\r\nX-Forwarded-For: 203.0.113.5";
        stream.write_all(format!("{head}\r\nHost: {}\r\n{half}", server.address).as_bytes()).await.unwrap();
        held.push(stream);
    }
    let ask = async |address: &str| {
        let forwarded = format!("X-Forwarded-For: {address}\r\n{}", bearer("none"));
        get(server.address, "/files/x/y", &forwarded).await
    };
    // The requests above have been read when the first request from that address is refused.
    let is_refused = async { while !ask("203.0.113.5").await.starts_with("HTTP/1.1 429") {} };
    tokio::time::timeout(Duration::from_secs(10), is_refused).await.expect("it has as many as it may");
    assert!(ask("203.0.113.6").await.starts_with("HTTP/1.1 401"), "another one is not concerned");
    held.clear();
    while !ask("203.0.113.5").await.starts_with("HTTP/1.1 401") {}
}
