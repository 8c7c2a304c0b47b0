//! Reads lines of standard input, whatever bytes they contain.

use std::io;

use chat_proto::limits::TEXT_BYTES;
use tokio::io::{AsyncBufReadExt, AsyncRead, BufReader};

/// The length after which a line without an end is broken, in bytes.
const LINE_BYTES: usize = 1024 * 1024;

/// A reader of lines.
pub(super) struct Input<R> {
    reader: BufReader<R>,
    /// The line that is being read.
    line: Vec<u8>,
    number: u64,
}

impl<R: AsyncRead + Unpin> Input<R> {
    pub(super) fn new(reader: R) -> Self {
        Self { reader: BufReader::new(reader), line: Vec::new(), number: 0 }
    }

    /// Returns the next line and its number, counted from 1. Invalid UTF-8 becomes U+FFFD. Cancel-safe: dropping the
    /// future loses nothing.
    pub(super) async fn line(&mut self) -> io::Result<Option<(u64, String)>> {
        loop {
            let found = self.reader.fill_buf().await?;
            if found.is_empty() && self.line.is_empty() {
                return Ok(None);
            }
            let end = found.iter().position(|byte| *byte == b'\n');
            let taken = end.map_or(found.len(), |end| end + 1);
            self.line.extend_from_slice(&found[..taken]);
            let is_over = taken == 0 || end.is_some();
            self.reader.consume(taken);
            if is_over || self.line.len() >= LINE_BYTES {
                let line = std::mem::take(&mut self.line);
                self.number += 1;
                let text = String::from_utf8_lossy(&line);
                return Ok(Some((self.number, text.trim_end_matches(['\n', '\r']).to_owned())));
            }
        }
    }
}

/// Splits a text into messages that are short enough, at spaces if possible. A blank text gives none.
pub(super) fn parts(text: &str) -> Vec<&str> {
    let (mut parts, mut rest) = (Vec::new(), text.trim_end());
    while rest.len() > TEXT_BYTES {
        let end = rest.floor_char_boundary(TEXT_BYTES);
        let at = rest[..end].rfind(' ').filter(|at| *at > end / 2).unwrap_or(end);
        parts.push(&rest[..at]);
        rest = rest[at..].trim_start();
    }
    parts.push(rest);
    parts.retain(|part| !part.trim().is_empty());
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn lines_are_numbered_and_no_byte_spoils_the_others() {
        let mut input = Input::new(&b"line one\r\nna\xefve\n\n\xff\xfe\nlast"[..]);
        let mut lines = Vec::new();
        while let Some(line) = input.line().await.unwrap() {
            lines.push(line);
        }
        let expected = [(1, "line one"), (2, "na\u{fffd}ve"), (3, ""), (4, "\u{fffd}\u{fffd}"), (5, "last")];
        assert_eq!(lines, expected.map(|(number, line)| (number, line.to_owned())));
    }

    #[tokio::test]
    async fn a_line_without_end_is_broken() {
        let long = vec![b'x'; 3 * LINE_BYTES];
        let mut input = Input::new(&long[..]);
        let (_, line) = input.line().await.unwrap().unwrap();
        assert!(line.len() >= LINE_BYTES && line.len() < 2 * LINE_BYTES);
    }

    #[test]
    fn long_texts_go_in_parts_and_blank_ones_not_at_all() {
        assert_eq!(parts("  hi "), ["  hi"]);
        assert!(parts(" \t").is_empty());
        let long = "word ".repeat(2000);
        let split = parts(&long);
        assert!(split.len() == 3 && split.iter().all(|part| part.len() <= TEXT_BYTES));
        assert_eq!(split.join(" "), long.trim_end());
        let solid = "é".repeat(5000);
        assert_eq!(parts(&solid).concat(), solid);
    }
}
