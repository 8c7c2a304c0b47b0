//! Whole WebSocket frames as bytes. A server's frames are not masked, so one encoding serves all clients.

use bytes::Bytes;
use chat_proto::ServerFrame;
use tokio_tungstenite::tungstenite::protocol::frame::FrameHeader;
use tokio_tungstenite::tungstenite::protocol::frame::coding::{Control, Data, OpCode};

fn write(opcode: OpCode, payload: &[u8], out: &mut Vec<u8>) {
    out.reserve(payload.len() + 10);
    let header = FrameHeader { opcode, ..FrameHeader::default() };
    // Writing to memory cannot fail.
    let _ = header.format(payload.len() as u64, out);
    out.extend_from_slice(payload);
}

/// Appends a frame of the protocol to `out`.
pub fn write_text(frame: &ServerFrame, out: &mut Vec<u8>) {
    write(OpCode::Data(Data::Text), frame.encode().as_bytes(), out);
}

/// Encodes a frame of the protocol.
#[must_use]
pub fn text(frame: &ServerFrame) -> Bytes {
    let mut out = Vec::new();
    write_text(frame, &mut out);
    out.into()
}

/// Encodes a ping.
#[must_use]
pub fn ping() -> Bytes {
    let mut out = Vec::new();
    write(OpCode::Control(Control::Ping), &[], &mut out);
    out.into()
}

/// Appends the close frame that ends a connection to `out` (RFC 6455, 5.5.1).
pub fn write_close(code: u16, reason: &str, out: &mut Vec<u8>) {
    let payload = [&code.to_be_bytes(), reason.as_bytes()].concat();
    write(OpCode::Control(Control::Close), &payload, out);
}
