//! Frames that violate the WebSocket protocol or are not commands.

use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::frame::Frame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::{Data, OpCode};

use crate::support::{Host, PATIENCE, Server};

/// Returns a masked frame with any first byte and the payload as it is (the mask is zero).
fn masked(first: u8, payload: &[u8]) -> Vec<u8> {
    let mut frame = vec![first];
    match payload.len() {
        short @ 0..=125 => frame.push(0x80 | short as u8),
        long => {
            frame.push(0x80 | 126);
            frame.extend((long as u16).to_be_bytes());
        }
    }
    frame.extend([0; 4]);
    frame.extend(payload);
    frame
}

/// Sends bytes as an established peer, and returns the close code that arrives.
async fn close_code(server: &Server, bytes: &[u8]) -> Option<u16> {
    let mut stream = server.peer().await.into_stream();
    stream.write_all(bytes).await.unwrap();
    let mut received = Vec::new();
    tokio::time::timeout(PATIENCE, stream.read_to_end(&mut received)).await.unwrap().ok()?;
    let close = received.iter().rposition(|byte| *byte == 0x88)?;
    Some(u16::from_be_bytes([*received.get(close + 2)?, *received.get(close + 3)?]))
}

#[tokio::test]
async fn ws_19_what_is_no_command_is_answered_and_the_connection_stays() {
    let server = Server::start().await;
    let mut alice = server.member("alice").await;
    for (text, code) in [
        ("", "bad_request"),
        ("hello", "bad_request"),
        ("[]", "bad_request"),
        ("{\"type\":\"send\",\"room\":\"general\",\"nonce\":\"n\",\"text\":7}", "bad_request"),
        ("{\"type\":\"dance\"}", "unknown_type"),
        ("{\"type\":null}", "bad_request"),
        ("{\"type\":\"ping\",\"id\":\"x\"}", "bad_request"),
        ("{\"type\":\"ping\",\"id\":9007199254740992}", "bad_request"),
    ] {
        alice.raw(Message::text(text)).await;
        let error = alice.hear_type("error").await;
        assert_eq!((&error["code"], &error["id"]), (&json!(code), &json!(null)), "{text}");
    }
    let deep = format!("{{\"type\":\"ping\",\"id\":{}", "[".repeat(60_000));
    alice.raw(Message::text(deep)).await;
    assert_eq!(alice.hear_type("error").await["code"], "bad_request");
    assert_eq!(alice.refused(json!({"type": "dance"})).await, "unknown_type");
    assert_eq!(alice.say("general", "n", "still here").await, 1);
}

/// Asserts that each case ends the connection with this close code, and that nobody else notices.
async fn all_end(code: u16, cases: &[(&str, Vec<u8>)]) {
    let server = Server::start().await;
    let mut witness = server.member("witness").await;
    for (what, bytes) in cases {
        assert_eq!(close_code(&server, bytes).await, Some(code), "{what}");
    }
    assert!(witness.say("general", "n", "nobody else is hurt").await > 0);
}

#[tokio::test]
async fn ws_01_a_frame_that_is_not_masked() {
    all_end(1002, &[("not masked", vec![0x81, 0x02, b'{', b'}'])]).await;
}

#[tokio::test]
async fn ws_02_a_reserved_bit() {
    all_end(1002, &[0xc1, 0xa1, 0x91].map(|first| ("a reserved bit", masked(first, b"{}")))).await;
}

#[tokio::test]
async fn ws_03_an_opcode_that_is_none() {
    let opcodes = (3..=7).chain(11..=15).map(|opcode| ("an unknown opcode", masked(0x80 | opcode, b"")));
    all_end(1002, &opcodes.collect::<Vec<_>>()).await;
}

#[tokio::test]
async fn ws_04_a_control_frame_that_is_too_long_or_in_parts() {
    let cases = [
        ("a ping of 126 bytes", masked(0x89, &[b'x'; 126])),
        ("a fragmented ping", masked(0x09, b"")),
        ("a continuation of nothing", masked(0x80, b"x")),
    ];
    all_end(1002, &cases).await;
}

#[tokio::test]
async fn ws_05_what_is_not_utf_8() {
    let mut split = masked(0x01, &[0xe2]);
    split.extend(masked(0x80, &[0x28, 0xa1]));
    let cases = [
        ("an overlong NUL", masked(0x81, &[0xc0, 0x80])),
        ("a surrogate", masked(0x81, &[0xed, 0xa0, 0x80])),
        ("beyond the last", masked(0x81, &[0xf4, 0x90, 0x80, 0x80])),
        ("cut short", masked(0x81, &[0xe2, 0x82])),
        ("over two fragments", split),
    ];
    all_end(1007, &cases).await;
}

#[tokio::test]
async fn ws_06_a_binary_frame() {
    all_end(1003, &[("binary", masked(0x82, br#"{"type":"ping","id":1}"#))]).await;
}

#[tokio::test]
async fn ws_07_a_length_that_nobody_has() {
    let huge = vec![0x81, 0xff, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    let top_bit = vec![0x81, 0xff, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    all_end(1009, &[("2^40", huge), ("the top bit", top_bit)]).await;
}

#[tokio::test]
async fn ws_08_the_largest_message_and_one_byte_more() {
    let server = Server::start().await;
    let mut alice = server.member("alice").await;
    let ping = r#"{"type":"ping","id":77}"#;
    alice.raw(Message::text(format!("{ping}{}", " ".repeat(65_536 - ping.len())))).await;
    alice.hear(|frame| frame["id"] == 77).await;
    let mut whole = vec![0x81, 0xff, 0, 0, 0, 0, 0, 1, 0, 1, 0, 0, 0, 0];
    whole.extend(vec![b' '; 65_537]);
    let mut in_parts = masked(0x01, &vec![b' '; 65_535]);
    in_parts.extend(masked(0x00, b"  "));
    all_end(1009, &[("in one frame", whole), ("in fragments", in_parts)]).await;
}

#[tokio::test]
async fn ws_09_ten_thousand_empty_fragments_and_an_end() {
    let server = Server::start().await;
    let mut stream = server.peer().await.into_stream();
    let mut bytes = masked(0x01, br#"{"type":"rooms","#);
    bytes.extend(masked(0x00, b"").repeat(10_000));
    bytes.extend(masked(0x80, br#""id":5}"#));
    stream.write_all(&bytes).await.unwrap();
    let (mut received, mut buffer) = (String::new(), [0; 4096]);
    while !received.contains("hello_first") {
        let n = tokio::time::timeout(PATIENCE, stream.read(&mut buffer)).await.unwrap().unwrap();
        assert!(n > 0, "{received}");
        received.push_str(&String::from_utf8_lossy(&buffer[..n]));
    }
}

#[tokio::test]
async fn ws_11_ws_12_who_stops_half_way_or_answers_no_ping_is_closed() {
    use std::time::Duration;
    let server = Server::with(|config| {
        config.ping_every = Duration::from_millis(200);
        config.silence = Duration::from_millis(700);
    })
    .await;
    let mut half = server.member("half").await.into_stream();
    half.write_all(&masked(0x81, b"half of it")[..8]).await.unwrap();
    let mut deaf = server.member("deaf").await.into_stream();
    // A library answers pings while someone reads.
    let mut lively = server.member("lively").await;
    let lively = tokio::spawn(async move {
        tokio::select! {
            _ = lively.hear_type("never") => {}
            () = tokio::time::sleep(Duration::from_millis(1500)) => {}
        }
        lively.must(json!({"type": "ping"})).await
    });
    for stream in [&mut half, &mut deaf] {
        let mut received = Vec::new();
        tokio::time::timeout(PATIENCE, stream.read_to_end(&mut received)).await.unwrap().unwrap();
        let text = String::from_utf8_lossy(&received);
        assert!(text.contains(r#""code":"idle""#), "{text}");
        assert!(received.windows(2).any(|two| two == 1001_u16.to_be_bytes()));
    }
    lively.await.unwrap();
}

#[tokio::test]
async fn ws_17_closes_that_are_none_and_talk_after_a_close() {
    let server = Server::start().await;
    for (what, payload, code) in [
        ("code 0", vec![0, 0], 1002),
        ("code 999", 999_u16.to_be_bytes().to_vec(), 1002),
        ("code 1005", 1005_u16.to_be_bytes().to_vec(), 1002),
        ("code 1006", 1006_u16.to_be_bytes().to_vec(), 1002),
        ("one byte", vec![3], 1002),
        ("no UTF-8", [&1000_u16.to_be_bytes()[..], &[0xff]].concat(), 1007),
    ] {
        let got = close_code(&server, &masked(0x88, &payload)).await;
        assert!(got == Some(code) || got == Some(1002), "{what}: {got:?}");
    }
    let mut alice = server.member("alice").await;
    let token = alice.token.clone();
    let mut after = masked(0x88, &1000_u16.to_be_bytes());
    after.extend(masked(0x81, br#"{"type":"send","room":"general","nonce":"late","text":"late"}"#));
    let mut stream = alice.into_stream();
    stream.write_all(&after).await.unwrap();
    let mut rest = Vec::new();
    tokio::time::timeout(PATIENCE, stream.read_to_end(&mut rest)).await.unwrap().unwrap();
    alice = server.peer().await;
    alice.come(&token).await;
    assert_eq!(alice.whole_room("general").await.len(), 0, "what follows a close is not carried out");
}

#[tokio::test]
async fn ws_09_fragments_that_never_end_are_ended() {
    let server = Server::start().await;
    let mut stream = server.peer().await.into_stream();
    stream.write_all(&masked(0x01, b"{")).await.unwrap();
    let (mut read, mut write) = stream.split();
    let send = async {
        let empty = masked(0x00, b"").repeat(1000);
        while write.write_all(&empty).await.is_ok() {}
    };
    let mut received = Vec::new();
    let receive = async { tokio::time::timeout(PATIENCE, read.read_to_end(&mut received)).await.unwrap() };
    tokio::select! {
        () = send => {}
        _ = receive => {}
    }
    assert!(received.windows(2).any(|two| two == 1009_u16.to_be_bytes()), "closed with 1009");
}

#[tokio::test]
async fn ws_10_ten_thousand_pings_cost_nothing_that_grows() {
    let server = Server::start().await;
    let mut alice = server.member("alice").await;
    for _ in 0..10_000 {
        alice.raw(Message::Ping(bytes::Bytes::from_static(b"x"))).await;
    }
    assert_eq!(alice.say("general", "n", "still here").await, 1);
    for _ in 0..10_000 {
        alice.send(json!({"type": "ping"})).await;
        alice.hear_type("pong").await;
    }
}

#[tokio::test]
async fn a_message_in_many_fragments_is_a_message() {
    let server = Server::start().await;
    let mut alice = server.member("alice").await;
    let json = json!({"type": "ping", "id": 4711}).to_string();
    for (n, byte) in json.bytes().enumerate() {
        let opcode = OpCode::Data(if n == 0 { Data::Text } else { Data::Continue });
        alice.raw(Message::Frame(Frame::message(vec![byte], opcode, n + 1 == json.len()))).await;
    }
    alice.hear(|frame| frame["id"] == 4711).await;
}

#[tokio::test]
async fn ws_17_a_client_s_close_is_answered() {
    let server = Server::start().await;
    let close = masked(0x88, &1000_u16.to_be_bytes());
    assert_eq!(close_code(&server, &close).await, Some(1000));
}

#[tokio::test]
async fn ws_18_commands_in_the_handshake_s_own_packet_are_not_lost() {
    let server = Server::start().await;
    let address = server.address;
    let mut bytes = format!(
        "GET /ws HTTP/1.1\r\nHost: {address}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
         Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
    )
    .into_bytes();
    bytes.extend(masked(0x81, br#"{"type":"hello","id":1,"protocol":1,"name":"early"}"#));
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(&bytes).await.unwrap();
    let (mut received, mut buffer) = (String::new(), [0; 4096]);
    while !received.contains("\"welcome\"") {
        let n = tokio::time::timeout(PATIENCE, stream.read(&mut buffer)).await.unwrap().unwrap();
        assert!(n > 0, "{received}");
        received.push_str(&String::from_utf8_lossy(&buffer[..n]));
    }
}
