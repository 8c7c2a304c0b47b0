//! Many clients that request much and read little.

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::{peak, resident};
use crate::support::{Host, PATIENCE, Peer, Process, Server, get};

/// Returns the text that is the most expensive as HTML: many links with little text and long addresses.
fn amplified() -> String {
    "[a]: http://a\n\n[a] ".to_owned() + &"[a] ".repeat(1000)
}

fn frame(json: &Value) -> Vec<u8> {
    let json = json.to_string();
    let mut frame = vec![0x81, 0x80 | 126];
    frame.extend(u16::try_from(json.len()).unwrap().to_be_bytes());
    frame.extend([0; 4]);
    frame.extend(json.bytes());
    frame
}

async fn hello(server: &Process, hello: Value) -> Peer {
    let mut peer = Peer::connect(server.address).await;
    assert_eq!(peer.ask(hello).await["type"], "welcome");
    peer
}

/// Starts a server with a room of long messages.
async fn with_long_messages(dir: &std::path::Path, text: &str) -> (Process, String) {
    let server = Process::start(dir);
    let mut writer = Peer::connect(server.address).await;
    writer.hello("writer").await;
    writer.join("general").await;
    for n in 0..200 {
        writer.say("general", &format!("n{n}"), text).await;
    }
    (server, writer.token)
}

/// Opens connections that request much and read next to nothing.
async fn slow_readers(
    server: &Process,
    count: usize,
    token: &str,
    ask: &[Value],
    format: &str,
) -> Vec<TcpStream> {
    let mut streams = Vec::new();
    for _ in 0..count {
        let greeting = json!({"type": "hello", "protocol": 1, "token": token, "format": format});
        let mut stream = hello(server, greeting).await.into_stream();
        for asked in ask {
            stream.write_all(&frame(asked)).await.unwrap();
        }
        streams.push(stream);
    }
    for stream in &mut streams {
        stream.read_exact(&mut [0; 2000]).await.unwrap();
    }
    streams
}

/// Opens sixty connections, each with commands whose replies are as long as possible.
async fn costs_at_most_64_mebibytes(text: &str, ask: &[Value], format: &str) {
    let dir = tempfile::tempdir().unwrap();
    let (server, token) = with_long_messages(dir.path(), text).await;
    let before = resident(&server);
    let streams = slow_readers(&server, 60, &token, ask, format).await;
    let mut bystander = hello(&server, json!({"type": "hello", "protocol": 1, "name": "bystander"})).await;
    bystander.join("general").await;
    bystander.say("general", "n", "nobody else is held up").await;
    let cost = peak(&server).saturating_sub(before);
    drop(streams);
    assert!(cost <= 64, "{cost} MiB for 60 connections");
}

#[tokio::test]
async fn sixty_who_ask_for_html_and_hardly_read_cost_little() {
    let ask = json!({"type": "history", "room": "general", "before": 1000, "limit": 200});
    costs_at_most_64_mebibytes(&amplified(), &vec![ask; 20], "html").await;
}

#[tokio::test]
async fn so_do_sixty_who_join_with_a_cursor() {
    let ask = json!({"type": "join", "room": "general", "after": 0});
    costs_at_most_64_mebibytes(&"\u{1}".repeat(4096), &vec![ask; 20], "text").await;
}

#[tokio::test]
async fn and_sixty_who_search() {
    let ask = json!({"type": "search", "query": "word", "limit": 200});
    costs_at_most_64_mebibytes(&("word ".to_owned() + &"\u{1}".repeat(4000)), &vec![ask; 10], "text").await;
}

/// All sessions share a budget, so that more sessions do not cost more.
#[tokio::test]
async fn five_hundred_share_a_budget() {
    let dir = tempfile::tempdir().unwrap();
    let (server, token) = with_long_messages(dir.path(), &"\u{1}".repeat(4096)).await;
    let before = resident(&server);
    let ask = json!({"type": "history", "room": "general", "before": 1000, "limit": 200});
    let streams = slow_readers(&server, 500, &token, &vec![ask; 3], "text").await;
    let metrics = get(server.address, "/metrics", "").await;
    let cost = peak(&server).saturating_sub(before);
    drop(streams);
    assert!(!metrics.contains("chat_slow_sessions_total 0"), "those with the most were closed");
    assert!(cost <= 128, "{cost} MiB for 500 connections");
}

/// A page of history is limited by bytes. All pages together are the whole room.
#[tokio::test]
async fn pages_end_by_bytes_and_leave_nothing_out() {
    let server = Server::start().await;
    let mut writer = server.member("writer").await;
    for n in 0..120 {
        writer.say("general", &format!("n{n}"), &"\u{1}".repeat(4000)).await;
    }
    let (mut before, mut seqs) = (1000, Vec::new());
    loop {
        let page =
            writer.must(json!({"type": "history", "room": "general", "before": before, "limit": 200})).await;
        let text = page.to_string();
        assert!(text.len() < 257 * 1024, "{}", text.len());
        let found = crate::support::seqs(page["messages"].as_array().unwrap());
        before = found[0];
        seqs.splice(..0, found);
        if page["more"] == false {
            break;
        }
    }
    assert_eq!(seqs, (1..=120).collect::<Vec<_>>());
    assert_eq!(writer.whole_room("general").await.len(), 120);
    let around = writer.must(json!({"type": "history", "room": "general", "around": 60, "limit": 200})).await;
    let found = crate::support::seqs(around["messages"].as_array().unwrap());
    assert!(found.contains(&60) && found[0] > 1 && around["more"] == true, "{found:?}");
}

/// Events that do not fit into `joined.events` follow as frames, before live ones.
#[tokio::test]
async fn events_that_do_not_fit_into_joined_follow_without_a_gap() {
    for format in ["text", "html"] {
        let server = Server::start().await;
        let mut writer = server.member("writer").await;
        for n in 0..300 {
            writer.say("general", &format!("n{n}"), &"\u{1}".repeat(3000)).await;
        }
        let mut peer = server.peer().await;
        let greeting = json!({"type": "hello", "protocol": 1, "name": "late", "format": format});
        assert_eq!(peer.ask(greeting).await["type"], "welcome");
        let live = tokio::spawn(async move {
            for n in 0..50 {
                writer.say("general", &format!("live{n}"), "live").await;
            }
            writer
        });
        let joined = peer.must(json!({"type": "join", "room": "general", "after": 0})).await;
        assert!(joined.to_string().len() < 260 * 1024);
        let mut seqs = crate::support::seqs(joined["events"].as_array().unwrap());
        assert!(seqs.len() < 100, "not all of it fits");
        live.await.unwrap();
        while seqs.len() < 350 {
            seqs.push(peer.hear_type("message").await["seq"].as_u64().unwrap());
        }
        assert_eq!(seqs, (1..=350).collect::<Vec<_>>());
    }
}

/// Live events keep arriving while a long page is sent slowly.
#[tokio::test]
async fn a_long_page_on_a_slow_line_does_not_close_the_session() {
    let server = Server::start().await;
    let mut writer = server.member("writer").await;
    for n in 0..200 {
        writer.say("general", &format!("n{n}"), &amplified()).await;
    }
    let mut reader = server.peer().await;
    reader.ask(json!({"type": "hello", "protocol": 1, "name": "reader", "format": "html"})).await;
    reader.join("general").await;
    let mut stream = reader.into_stream();
    let ask = json!({"type": "history", "room": "general", "before": 1000, "limit": 200});
    for _ in 0..4 {
        stream.write_all(&frame(&ask)).await.unwrap();
    }
    let (mut answered, mut last) = (0, String::new());
    for n in 0..100 {
        writer.say("general", &format!("live{n}"), "x").await;
        let mut some = vec![0; 50_000];
        let read = tokio::time::timeout(PATIENCE, stream.read(&mut some)).await.unwrap().unwrap();
        assert!(read > 0, "closed after {answered} bytes: {last}");
        last = String::from_utf8_lossy(&some[read.saturating_sub(300)..read]).into_owned();
        answered += read;
    }
}
