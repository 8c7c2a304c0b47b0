//! A connection that costs next to nothing: frames are found by their lengths, and of their JSON only the first
//! bytes are looked at. Must cost less than the server it measures.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use anyhow::{Context, bail, ensure};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// How events begin, and nothing else does.
const EVENT: &[u8] = b"{\"room\":";

/// How the reply to a send begins: its id, and then that it is done.
const DONE: &[u8] = b"\"type\":\"ok\"";

pub(crate) struct Peer {
    stream: TcpStream,
    name: String,
    buffer: Vec<u8>,
}

impl Peer {
    /// A guest who joined `general`.
    pub(crate) async fn member(address: SocketAddr, name: &str) -> anyhow::Result<Self> {
        let mut stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        let request = format!(
            "GET /ws HTTP/1.1\r\nHost: {address}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
             Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
        );
        stream.write_all(request.as_bytes()).await?;
        let mut peer = Self { stream, name: name.to_owned(), buffer: Vec::new() };
        let end = loop {
            peer.fill().await?;
            if let Some(end) = peer.buffer.windows(4).position(|four| four == b"\r\n\r\n") {
                break end + 4;
            }
        };
        ensure!(peer.buffer.starts_with(b"HTTP/1.1 101"), "{}", String::from_utf8_lossy(&peer.buffer));
        peer.buffer.drain(..end);
        peer.ask(
            &format!(r#"{{"type":"hello","id":1,"protocol":1,"name":"{name}"}}"#),
            b"\"type\":\"welcome\"",
        )
        .await?;
        peer.ask(r#"{"type":"join","id":2,"room":"general","limit":1}"#, b"\"type\":\"joined\"").await?;
        Ok(peer)
    }

    /// Asks, and waits for a reply that begins so.
    pub(crate) async fn ask(&mut self, json: &str, reply: &[u8]) -> anyhow::Result<()> {
        let mut out = Vec::new();
        write_frame(json, &mut out);
        self.stream.write_all(&out).await?;
        loop {
            let mut answered = false;
            let mut refused = None;
            self.frames(|payload| {
                let head = &payload[..payload.len().min(64)];
                answered |= head.windows(reply.len()).any(|w| w == reply);
                if head.windows(14).any(|w| w == b"\"type\":\"error\"") {
                    refused = Some(String::from_utf8_lossy(payload).into_owned());
                }
            });
            if let Some(refused) = refused {
                bail!("{refused}");
            }
            if answered {
                return Ok(());
            }
            self.fill().await?;
        }
    }

    /// Reads for ever and counts events.
    pub(crate) async fn count(mut self, events: Arc<AtomicU64>) -> anyhow::Result<()> {
        loop {
            let mut count = 0;
            self.frames(|payload| count += u64::from(payload.starts_with(EVENT)));
            events.fetch_add(count, Ordering::Relaxed);
            self.fill().await?;
        }
    }

    /// Writes messages, `in_flight` at a time, until `until` or until `most` are acknowledged, and counts the events
    /// heard meanwhile. Answers how many were acknowledged.
    pub(crate) async fn pour(
        mut self,
        in_flight: u64,
        until: Instant,
        most: u64,
        events: Arc<AtomicU64>,
    ) -> anyhow::Result<u64> {
        let (mut sent, mut done) = (0, 0);
        loop {
            let mut out = Vec::new();
            while sent - done < in_flight && sent < most && Instant::now() < until {
                sent += 1;
                let text = "x".repeat(100);
                let name = &self.name;
                let json = format!(
                    r#"{{"type":"send","id":{sent},"room":"general","nonce":"{name}-{sent:012}","text":"{text}"}}"#
                );
                write_frame(&json, &mut out);
            }
            if sent == done {
                // The rest of what others wrote is still to be counted.
                tokio::spawn(self.count(events));
                return Ok(done);
            }
            self.stream.write_all(&out).await?;
            self.fill().await?;
            let (mut count, mut refused) = (0, None);
            self.frames(|payload| {
                if payload.starts_with(EVENT) {
                    count += 1;
                } else if payload.get(..40).unwrap_or(payload).windows(DONE.len()).any(|w| w == DONE) {
                    done += 1;
                } else if payload.windows(14).any(|w| w == b"\"type\":\"error\"") {
                    refused = Some(String::from_utf8_lossy(payload).into_owned());
                }
            });
            events.fetch_add(count, Ordering::Relaxed);
            if let Some(refused) = refused {
                bail!("{refused}");
            }
        }
    }

    async fn fill(&mut self) -> anyhow::Result<()> {
        if self.buffer.capacity() == 0 {
            self.buffer.reserve(8 * 1024);
        }
        let n = self.stream.read_buf(&mut self.buffer).await.context("reading")?;
        ensure!(n > 0, "the server closed the connection");
        Ok(())
    }

    /// Hands each whole text frame's payload to `take`, and forgets it. A server's frames are not masked.
    fn frames(&mut self, mut take: impl FnMut(&[u8])) {
        let mut at = 0;
        while let [first, short, rest @ ..] = &self.buffer[at..] {
            let (length, head) = match (*short, rest) {
                (126, [a, b, ..]) => (usize::from(u16::from_be_bytes([*a, *b])), 4),
                (127, [a, b, c, d, e, f, g, h, ..]) => {
                    let long = u64::from_be_bytes([*a, *b, *c, *d, *e, *f, *g, *h]);
                    (usize::try_from(long).unwrap_or(usize::MAX), 10)
                }
                (126 | 127, _) => break,
                (short, _) => (usize::from(short), 2),
            };
            let Some(payload) = self.buffer.get(at + head..at + head + length) else { break };
            if first & 0x0f == 1 {
                take(payload);
            }
            at += head + length;
        }
        self.buffer.drain(..at);
        if self.buffer.is_empty() && self.buffer.capacity() > 64 * 1024 {
            self.buffer = Vec::new();
        }
    }
}

/// Adds a client's frame: masked, with a mask of zeros.
fn write_frame(json: &str, out: &mut Vec<u8>) {
    out.push(0x81);
    match u8::try_from(json.len()) {
        Ok(short @ 0..=125) => out.push(0x80 | short),
        _ => {
            out.push(0x80 | 126);
            out.extend(u16::try_from(json.len()).unwrap_or(u16::MAX).to_be_bytes());
        }
    }
    out.extend([0; 4]);
    out.extend(json.as_bytes());
}
