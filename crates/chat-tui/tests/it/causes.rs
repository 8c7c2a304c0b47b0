//! Why there is no connection: each cause has its own message, in scripts and on the screen.

use std::net::SocketAddr;

use testbed::{Server, Terminal};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use super::pipes::{run, text};

/// Starts a server that answers every connection with these bytes, whatever it receives, and closes it.
async fn answering(bytes: Vec<u8>) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let bytes = bytes.clone();
            tokio::spawn(async move {
                let mut heard = [0; 4096];
                let _ = stream.read(&mut heard).await;
                let _ = stream.write_all(&bytes).await;
                let _ = stream.shutdown().await;
                while matches!(stream.read(&mut heard).await, Ok(1..)) {}
            });
        }
    });
    address
}

fn http(status: &str, more: &str) -> Vec<u8> {
    let body = "<html>nginx</html>";
    format!("HTTP/1.1 {status}\r\ncontent-length: {}\r\n{more}\r\n{body}", body.len()).into_bytes()
}

/// Returns each cause: the server's URL, and the message.
async fn causes() -> Vec<(String, &'static str)> {
    let mut causes = Vec::new();
    for (status, more, told) in [
        ("421 Misdirected Request", "", "does not answer to this name (421)"),
        (
            "301 Moved Permanently",
            "location: https://new.example.org/ws\r\n",
            "has moved to https://new.example.org.",
        ),
        (
            "308 Permanent Redirect",
            "location: https://other.example.org/ws\r\n",
            "has moved to https://other.example.org.",
        ),
        ("502 Bad Gateway", "", "in front of the server cannot reach it (502)"),
        ("503 Service Unavailable", "", "(503)"),
        ("504 Gateway Timeout", "", "(504)"),
        ("413 Content Too Large", "", "(413)"),
        ("404 Not Found", "", "is no chat server"),
        ("200 OK", "", "is no chat server"),
        ("429 Too Many Requests", "", "too many requests from here (429)"),
    ] {
        causes.push((format!("http://{}", answering(http(status, more)).await), told));
    }
    // A TLS alert, with which servers answer plain text.
    let alert = answering(vec![0x15, 3, 3, 0, 2, 2, 70]).await;
    causes.push((format!("http://{alert}"), "Write https:// in front"));
    let plain = answering(http("400 Bad Request", "")).await;
    causes.push((format!("https://{plain}"), "does not speak TLS"));
    causes.push((
        format!("http://{}", answering(b"SSH-2.0-OpenSSH_9.7\r\n".to_vec()).await),
        "does not speak HTTP",
    ));
    let closed = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    causes.push((format!("http://{closed}"), "connection refused. Is chat-server running there"));
    causes.push(("http://no-such-host.invalid:1".to_owned(), "name cannot be found"));
    causes
}

fn at(url: &str, dir: &tempfile::TempDir) -> Vec<String> {
    let state = dir.path().display().to_string();
    ["--name", "alice", "--server", url, "--state-dir", &state].map(str::to_owned).into()
}

#[tokio::test]
async fn every_cause_is_reported_as_itself_by_send_and_tail() {
    let dir = tempfile::tempdir().unwrap();
    let mut runs = Vec::new();
    for (url, told) in causes().await {
        for verb in [&["send", "hi"][..], &["tail"]] {
            let args = at(&url, &dir);
            runs.push((tokio::spawn(async move { run(args, verb, "").await }), told));
        }
    }
    for (running, told) in runs {
        let ended = running.await.unwrap();
        let said = text(&ended.stderr);
        assert_eq!(ended.status.code(), Some(3), "{told}: {said}");
        assert!(said.contains(told), "{told}: {said}");
        assert!(!said.contains("WebSocket") && !said.contains("os error"), "{said}");
    }
}

#[tokio::test]
async fn the_screen_says_the_same_and_what_to_do() {
    let dir = tempfile::tempdir().unwrap();
    for (url, told) in causes().await {
        let alice = Terminal::start(env!("CARGO_BIN_EXE_chat-tui"), &at(&url, &dir));
        alice.shows("○ offline: ").await;
        // The status line is short. The note above the input has the whole sentence.
        alice
            .until(told, |screen| {
                let words: Vec<&str> = screen.split_whitespace().filter(|word| *word != "│").collect();
                words.join(" ").contains(told)
            })
            .await;
        assert!(!alice.contents().contains("WebSocket"));
    }
}

#[tokio::test]
async fn a_script_waits_as_long_as_the_server_asks_and_goes_on() {
    let server = Server::start().await;
    let proxy = busy_once(server.address).await;
    let dir = tempfile::tempdir().unwrap();
    let sent = run(at(&format!("http://{proxy}"), &dir), &["send", "patient"], "").await;
    assert_eq!(sent.status.code(), Some(0), "{}", text(&sent.stderr));
    assert!(text(&sent.stderr).contains("trying again in"), "{}", text(&sent.stderr));
    let told = run(server.args("bob"), &["tail"], "").await;
    assert_eq!(text(&told.stdout).matches("patient").count(), 1);
}

/// Starts a proxy that answers the first hello as if there had been too many. It asks the client to wait longer than
/// a first connection may take.
async fn busy_once(server: SocketAddr) -> SocketAddr {
    use futures_util::{SinkExt, StreamExt};
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        let (first, _) = listener.accept().await.unwrap();
        let mut socket = tokio_tungstenite::accept_async(first).await.unwrap();
        let hello = socket.next().await.unwrap().unwrap().into_text().unwrap();
        let hello: serde_json::Value = serde_json::from_str(&hello).unwrap();
        let busy = serde_json::json!({"type": "error", "id": hello["id"], "code": "rate_limited",
            "message": "You connect too often.", "retry_after_ms": 11_000});
        socket.send(tokio_tungstenite::tungstenite::Message::text(busy.to_string())).await.unwrap();
        while let Ok((mut client, _)) = listener.accept().await {
            let mut server = tokio::net::TcpStream::connect(server).await.unwrap();
            tokio::spawn(async move { tokio::io::copy_bidirectional(&mut client, &mut server).await });
        }
    });
    address
}

/// Starts a proxy that answers uploads itself.
async fn in_front(server: SocketAddr, answer: Vec<u8>) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut client, _)) = listener.accept().await {
            let answer = answer.clone();
            tokio::spawn(async move {
                let mut head = [0; 5];
                client.read_exact(&mut head).await.unwrap();
                if &head == b"POST " {
                    // Read everything, so that the client reads the answer and not a reset connection.
                    let mut rest = [0; 4096];
                    let _ = client.read(&mut rest).await;
                    client.write_all(&answer).await.unwrap();
                    while matches!(client.read(&mut rest).await, Ok(1..)) {}
                    return;
                }
                let mut server = tokio::net::TcpStream::connect(server).await.unwrap();
                server.write_all(&head).await.unwrap();
                let _ = tokio::io::copy_bidirectional(&mut client, &mut server).await;
            });
        }
    });
    address
}

#[tokio::test]
async fn an_upload_that_fails_says_the_same() {
    let server = Server::start().await;
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("notes.txt");
    std::fs::write(&path, "notes").unwrap();
    let file = path.display().to_string();
    for (n, (status, more, told)) in [
        ("413 Content Too Large", "", "refuses requests this large (413)"),
        ("502 Bad Gateway", "", "in front of the server cannot reach it (502)"),
        (
            "301 Moved",
            "location: https://new.example.org/api/files\r\n",
            "has moved to https://new.example.org",
        ),
        ("421 Misdirected Request", "", "does not answer to this name (421)"),
        ("429 Too Many Requests", "retry-after: 9\r\n", "asks to wait 9 s"),
    ]
    .into_iter()
    .enumerate()
    {
        let front = in_front(server.address, http(status, more)).await;
        let mut args = at(&format!("http://{front}"), &dir);
        args[1] = format!("ci{n}");
        let sent = run(args, &["send", "--file", &file], "").await;
        assert!(!sent.status.success(), "{status}");
        assert!(text(&sent.stderr).contains(told), "{status}: {}", text(&sent.stderr));
    }
}
