use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::frame::Frame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::{Data, OpCode};

use crate::support::{Host, PATIENCE, Server};

/// A masked frame with any first byte and a payload as it is (the mask is zero).
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

/// Sends bytes as an established peer and answers the close code that really arrives.
async fn close_code(server: &Server, bytes: &[u8]) -> Option<u16> {
    let mut stream = server.peer().await.into_stream();
    stream.write_all(bytes).await.unwrap();
    let mut received = Vec::new();
    tokio::time::timeout(PATIENCE, stream.read_to_end(&mut received)).await.unwrap().ok()?;
    let close = received.iter().rposition(|byte| *byte == 0x88)?;
    Some(u16::from_be_bytes([*received.get(close + 2)?, *received.get(close + 3)?]))
}

#[tokio::test]
async fn what_is_no_command_is_answered_and_the_connection_stays() {
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

#[tokio::test]
async fn websocket_errors_end_with_the_right_close_frame_really_received() {
    let server = Server::start().await;
    let mut witness = server.member("witness").await;
    let big = vec![b' '; 65_535];
    let mut too_big = masked(0x01, &big);
    too_big.extend(masked(0x00, b"  "));
    let huge = [0x81, 0xff, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    for (what, bytes, code) in [
        ("binary", masked(0x82, b"{}"), 1003),
        ("bad UTF-8", masked(0x81, &[0xc0, 0x80]), 1007),
        ("a surrogate", masked(0x81, &[0xed, 0xa0, 0x80]), 1007),
        ("too big in fragments", too_big, 1009),
        ("a length of 2^40", huge.to_vec(), 1009),
        ("not masked", vec![0x81, 0x02, b'{', b'}'], 1002),
        ("a reserved bit", masked(0xc1, b"{}"), 1002),
        ("an unknown opcode", masked(0x83, b""), 1002),
        ("a continuation of nothing", masked(0x80, b"x"), 1002),
        ("a fragmented ping", masked(0x09, b""), 1002),
    ] {
        assert_eq!(close_code(&server, &bytes).await, Some(code), "{what}");
    }
    assert!(witness.say("general", "n", "nobody else is hurt").await > 0);
}

#[tokio::test]
async fn fragments_that_never_end_are_ended() {
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
async fn ten_thousand_pings_cost_nothing_that_grows() {
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
async fn a_client_s_close_is_answered() {
    let server = Server::start().await;
    let close = masked(0x88, &1000_u16.to_be_bytes());
    assert_eq!(close_code(&server, &close).await, Some(1000));
}

#[tokio::test]
async fn commands_in_the_handshake_s_own_packet_are_not_lost() {
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
