//! A client that does not read.

use serde_json::{Value, json};
use tokio::io::AsyncReadExt;

use crate::support::{Host, PATIENCE, Server};

/// Returns the payloads of unmasked frames, as a server sends them.
fn frames(bytes: &[u8]) -> Vec<(u8, Vec<u8>)> {
    let (mut frames, mut at) = (Vec::new(), 0);
    while at + 2 <= bytes.len() {
        let (head, short) = (bytes[at] & 0x0f, bytes[at + 1] as usize);
        let (length, start) = match short {
            126 => (u16::from_be_bytes(bytes[at + 2..at + 4].try_into().unwrap()) as usize, at + 4),
            127 => (u64::from_be_bytes(bytes[at + 2..at + 10].try_into().unwrap()) as usize, at + 10),
            short => (short, at + 2),
        };
        frames.push((head, bytes[start..start + length].to_vec()));
        at = start + length;
    }
    assert_eq!(at, bytes.len(), "no frame is cut");
    frames
}

#[tokio::test]
async fn who_does_not_read_is_closed_with_1013_hurts_nobody_and_is_whole_after_resume() {
    let server = Server::start().await;
    let mut writer = server.member("writer").await;
    let mut witness = server.member("witness").await;
    let slow = server.member("slow").await;
    let (token, log) = (slow.token.clone(), slow.log.clone());
    let mut stream = slow.into_stream();
    let text = "x".repeat(4000);
    let mut sent = 0_u64;
    // Until the server closed the session that does not read.
    while !crate::support::get(server.address, "/metrics", "").await.contains("chat_slow_sessions_total 1") {
        for _ in 0..200 {
            sent += 1;
            writer.say("general", &format!("n{sent}"), &text).await;
            writer.hear_type("message").await;
            assert_eq!(witness.hear_type("message").await["seq"], sent, "the others do not notice");
        }
        assert!(sent < 20_000, "the kernel's buffers are finite");
    }
    let mut received = Vec::new();
    tokio::time::timeout(PATIENCE, stream.read_to_end(&mut received)).await.unwrap().unwrap();
    let frames = frames(&received);
    let (_, close) = frames.last().unwrap();
    assert_eq!(u16::from_be_bytes([close[0], close[1]]), 1013);
    let heard: Vec<Value> =
        frames.iter().filter(|f| f.0 == 1).map(|f| serde_json::from_slice(&f.1).unwrap()).collect();
    let goodbye = heard.last().unwrap();
    assert_eq!((&goodbye["type"], &goodbye["code"]), (&json!("goodbye"), &json!("slow")));
    let seen: Vec<u64> =
        heard.iter().filter(|f| f["type"] == "message").map(|f| f["seq"].as_u64().unwrap()).collect();
    assert_eq!(seen, (1..=seen.len() as u64).collect::<Vec<_>>(), "what came is without a hole");

    let mut back = server.peer().await;
    let cursor = sent - 300;
    back.resume(&token, &log, json!({"general": cursor})).await;
    for seq in cursor + 1..=sent {
        assert_eq!(back.hear_type("message").await["seq"], seq);
    }
}

#[tokio::test]
async fn who_asks_and_never_reads_the_answers_is_not_read_either() {
    let server = Server::start().await;
    let mut witness = server.member("witness").await;
    let mut stream = server.member("deaf").await.into_stream();
    // Refused messages make no events, so only their replies could pile up.
    let json = json!({"type": "send", "room": "general", "nonce": "n", "text": ""}).to_string();
    let mut frame = vec![0x81, 0x80 | u8::try_from(json.len()).unwrap(), 0, 0, 0, 0];
    frame.extend(json.bytes());
    let flood = frame.repeat(1000);
    let mut sent = 0;
    let stuck = loop {
        let write = tokio::io::AsyncWriteExt::write_all(&mut stream, &flood);
        if tokio::time::timeout(std::time::Duration::from_secs(2), write).await.is_err() {
            break true;
        }
        sent += flood.len();
        if sent > 100 * 1024 * 1024 {
            break false;
        }
    };
    assert!(stuck, "{sent} bytes were taken from one who takes nothing");
    assert_eq!(witness.say("general", "n", "nobody else is held up").await, 1);
}
