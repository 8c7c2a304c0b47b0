//! WebSocket frames, and the few bytes of their JSON that matter, without parsing all of it.

use std::io::Write;

/// Appends a client's text frame, masked with zeros (RFC 6455, 5.3, requires a mask; a server accepts any).
pub(crate) fn write_masked(json: &[u8], out: &mut Vec<u8>) {
    write_head(json.len(), 0x80, out);
    out.extend([0; 4]);
    out.extend(json);
}

/// Appends the answer to a ping without content.
pub(crate) fn write_pong(out: &mut Vec<u8>) {
    out.extend([0x8a, 0x80, 0, 0, 0, 0]);
}

/// Appends a text frame as a server sends it.
pub(crate) fn write_plain(json: &[u8], out: &mut Vec<u8>) {
    write_head(json.len(), 0, out);
    out.extend(json);
}

fn write_head(length: usize, mask: u8, out: &mut Vec<u8>) {
    out.push(0x81);
    match (u8::try_from(length), u16::try_from(length)) {
        (Ok(short @ 0..=125), _) => out.push(mask | short),
        (_, Ok(medium)) => {
            out.push(mask | 126);
            out.extend(medium.to_be_bytes());
        }
        _ => {
            out.push(mask | 127);
            out.extend((length as u64).to_be_bytes());
        }
    }
}

/// The opcodes that matter (RFC 6455, 5.2).
pub(crate) const TEXT: u8 = 1;
pub(crate) const PING: u8 = 9;

/// A frame from a server.
pub(crate) struct Frame<'a> {
    pub(crate) opcode: u8,
    pub(crate) payload: &'a [u8],
}

/// Returns the frame at the beginning of `bytes` and its whole length, or `None` if it is not complete yet.
pub(crate) fn first(bytes: &[u8]) -> Option<(Frame<'_>, usize)> {
    let [first, short, rest @ ..] = bytes else { return None };
    let (length, head) = match (*short, rest) {
        (126, [a, b, ..]) => (usize::from(u16::from_be_bytes([*a, *b])), 4_usize),
        (127, [a, b, c, d, e, f, g, h, ..]) => {
            let long = u64::from_be_bytes([*a, *b, *c, *d, *e, *f, *g, *h]);
            (usize::try_from(long).unwrap_or(usize::MAX), 10)
        }
        (126 | 127, _) => return None,
        (short, _) => (usize::from(short), 2),
    };
    let payload = bytes.get(head..head.checked_add(length)?)?;
    Some((Frame { opcode: first & 0x0f, payload }, head + length))
}

/// The beginning of events, and of nothing else.
pub(crate) const EVENT: &[u8] = b"{\"room\":\"";

/// The beginning of replies, and of nothing else.
pub(crate) const REPLY: &[u8] = b"{\"id\":";

/// Returns the seq of an event in a room whose name has `name` bytes.
pub(crate) fn seq(event: &[u8], name: usize) -> Option<u64> {
    digits(event.get(EVENT.len() + name..)?.strip_prefix(b"\",\"seq\":")?)
}

/// Returns the number after the first `key`, which ends with a colon.
pub(crate) fn number(json: &[u8], key: &str) -> Option<u64> {
    digits(&json[memchr::memmem::find(json, key.as_bytes())? + key.len()..])
}

/// Returns the text after the first `key`, which ends with an opening quotation mark, up to the next one.
pub(crate) fn text<'a>(json: &'a [u8], key: &str) -> Option<&'a str> {
    let from = &json[memchr::memmem::find(json, key.as_bytes())? + key.len()..];
    std::str::from_utf8(&from[..memchr::memchr(b'"', from)?]).ok()
}

fn digits(bytes: &[u8]) -> Option<u64> {
    let end = bytes.iter().position(|b| !b.is_ascii_digit())?;
    bytes[..end].iter().try_fold(0_u64, |n, b| n.checked_mul(10)?.checked_add(u64::from(b - b'0')))
}

/// The data in every message's text: when it should have been sent, in nanoseconds of the load's clock, and by which
/// connection.
#[derive(Clone, Copy)]
pub(crate) struct Stamp {
    pub(crate) at: u64,
    pub(crate) author: u32,
}

/// Fills a text up to 128 bytes, the length used in other measurements.
const FILLER: &str =
    "so that it is as long as what people write to each other when they have something to say...";

/// After how many messages a word is repeated.
const WORDS: u64 = 10_000;

/// Returns a word that one message in ten thousand has.
pub(crate) fn word(number: u64) -> String {
    format!("w{:05}", number % WORDS)
}

/// Returns a word that one message in a hundred has.
pub(crate) fn usual(number: u64) -> String {
    format!("u{:02}", number / WORDS % 100)
}

impl Stamp {
    /// Writes the text of a message.
    pub(crate) fn write(self, number: u64, out: &mut Vec<u8>) {
        // Writing to memory cannot fail.
        let _ =
            write!(out, "{:016x} {:08x} {} {} {FILLER}", self.at, self.author, word(number), usual(number));
    }

    /// Reads the data from a message's event. `None` if another program wrote it.
    pub(crate) fn read(event: &[u8]) -> Option<Self> {
        let text = text(event, "\"text\":\"")?;
        let (at, rest) = text.split_at_checked(16)?;
        let author = u32::from_str_radix(rest.get(1..9)?, 16).ok()?;
        Some(Self { at: u64::from_str_radix(at, 16).ok()?, author })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_come_back_as_they_were_written_and_not_before_they_are_whole() {
        for length in [0, 1, 125, 126, 65_535, 65_536] {
            let json = vec![b'x'; length];
            let mut bytes = Vec::new();
            write_plain(&json, &mut bytes);
            for short in [0, 1, 2, bytes.len() - 1].into_iter().filter(|short| *short < bytes.len()) {
                assert!(first(&bytes[..short]).is_none());
            }
            bytes.push(7);
            let (frame, whole) = first(&bytes).unwrap();
            assert_eq!((frame.opcode, frame.payload, whole), (1, json.as_slice(), bytes.len() - 1));
        }
    }

    #[test]
    fn what_matters_of_an_event_is_found() {
        let mut text = Vec::new();
        Stamp { at: 77, author: 3 }.write(5, &mut text);
        assert_eq!(text.len(), 128);
        let text = String::from_utf8(text).unwrap();
        let event = format!(r#"{{"room":"general","seq":42,"at":1,"type":"message","text":"{text}"}}"#);
        assert_eq!(seq(event.as_bytes(), "general".len()), Some(42));
        assert_eq!(seq(event.as_bytes(), 3), None);
        let stamp = Stamp::read(event.as_bytes()).unwrap();
        assert_eq!((stamp.at, stamp.author), (77, 3));
        assert!(Stamp::read(br#"{"room":"a","seq":1,"type":"message","text":"hello"}"#).is_none());
        assert_eq!(number(br#"{"id":7,"type":"ok","seq":12,"at":5}"#, "\"seq\":"), Some(12));
    }
}
