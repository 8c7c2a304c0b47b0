//! The text being written. The cursor moves by grapheme clusters, so an emoji of five code points counts as one. It is never
//! inside a cluster, even after an edit that joins the text before the cursor with the text after it.

use std::ops::Range;

use unicode_segmentation::{GraphemeCursor, UnicodeSegmentation};

use crate::action::Edit;
use crate::clean::Clean;

/// The maximum length of a draft, in bytes: a few messages, so that a pasted file cannot fill the memory.
pub const DRAFT_BYTES: usize = 64 * 1024;

/// A draft and its cursor.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Composer {
    text: String,
    cursor: usize,
    cut: String,
}

impl Composer {
    /// Returns the draft.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Returns the cursor's position, in bytes.
    #[must_use]
    pub fn cursor(&self) -> usize {
        self.cursor
    }

    /// Whether the draft is empty.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    /// Returns the rows of the draft on a screen with this many columns.
    #[must_use]
    pub fn lay(&self, columns: u16) -> Laid {
        lay(&self.text, self.cursor, usize::from(columns).saturating_sub(PROMPT_CELLS).max(1))
    }

    /// Replaces the whole text. The cursor goes to the end.
    pub fn set(&mut self, text: &str) {
        self.text = one_line_break(text);
        self.cursor = self.text.len();
    }

    /// Removes and returns the whole text.
    pub fn take(&mut self) -> String {
        self.cursor = 0;
        std::mem::take(&mut self.text)
    }

    /// Removes the whole text. [`Self::yank`] brings it back.
    pub fn clear(&mut self) {
        self.cut = self.take();
    }

    /// Moves the cursor or changes the text, as a key says.
    pub fn edit(&mut self, edit: Edit) {
        match edit {
            Edit::Left => self.left(),
            Edit::Right => self.right(),
            Edit::WordLeft => self.word_left(),
            Edit::WordRight => self.word_right(),
            Edit::LineStart => self.line_start(),
            Edit::LineEnd => self.line_end(),
            Edit::Backspace => self.backspace(),
            Edit::Delete => self.delete(),
            Edit::DeleteWord => self.cut_word(),
            Edit::DeleteToStart => self.cut_to_start(),
            Edit::DeleteToEnd => self.cut_to_end(),
            Edit::Yank => self.yank(),
        }
    }

    /// Inserts text at the cursor. Returns whether there was room.
    pub fn insert(&mut self, text: &str) -> bool {
        if self.text.len() + text.len() > DRAFT_BYTES {
            return false;
        }
        self.replace(self.cursor..self.cursor, &one_line_break(text));
        true
    }

    /// Replaces the text between `start` and the cursor by `word`.
    pub fn replace_from(&mut self, start: usize, word: &str) {
        self.replace(start..self.cursor, word);
    }

    /// Deletes the cluster before the cursor.
    pub fn backspace(&mut self) {
        self.replace(self.before()..self.cursor, "");
    }

    /// Deletes the cluster after the cursor.
    pub fn delete(&mut self) {
        self.replace(self.cursor..self.behind(), "");
    }

    /// Moves one cluster to the left.
    pub fn left(&mut self) {
        self.cursor = self.before();
    }

    /// Moves one cluster to the right.
    pub fn right(&mut self) {
        self.cursor = self.behind();
    }

    /// Moves to the start of the word.
    pub fn word_left(&mut self) {
        let clusters = self.text[..self.cursor].grapheme_indices(true).rev();
        let word = clusters.skip_while(|(_, cluster)| is_space(cluster));
        let first = word.take_while(|(_, cluster)| !is_space(cluster)).last();
        self.cursor = first.map_or(0, |(at, _)| at);
    }

    /// Moves past the end of the word.
    pub fn word_right(&mut self) {
        let clusters = self.text[self.cursor..].grapheme_indices(true);
        let mut rest = clusters.skip_while(|(_, cluster)| is_space(cluster));
        let end = rest.find(|(_, cluster)| is_space(cluster)).map(|(at, _)| self.cursor + at);
        self.cursor = end.unwrap_or(self.text.len());
    }

    /// Moves to the start of the line.
    pub fn line_start(&mut self) {
        self.cursor = self.text[..self.cursor].rfind('\n').map_or(0, |at| at + 1);
    }

    /// Moves to the end of the line.
    pub fn line_end(&mut self) {
        self.cursor += self.text[self.cursor..].find('\n').unwrap_or(self.text.len() - self.cursor);
    }

    /// Moves one line up. Returns `false` on the first.
    pub fn up(&mut self) -> bool {
        let column = self.column();
        let Some(end) = self.text[..self.cursor].rfind('\n') else { return false };
        self.cursor = end;
        self.line_start();
        self.forward(column);
        true
    }

    /// Moves one line down. Returns `false` on the last.
    pub fn down(&mut self) -> bool {
        let column = self.column();
        let Some(end) = self.text[self.cursor..].find('\n') else { return false };
        self.cursor += end + 1;
        self.forward(column);
        true
    }

    /// Cuts the word before the cursor.
    pub fn cut_word(&mut self) {
        let end = self.cursor;
        self.word_left();
        self.cut(self.cursor, end);
    }

    /// Cuts the line before the cursor.
    pub fn cut_to_start(&mut self) {
        let end = self.cursor;
        self.line_start();
        self.cut(self.cursor, end);
    }

    /// Cuts the line after the cursor.
    pub fn cut_to_end(&mut self) {
        let start = self.cursor;
        self.line_end();
        let end = std::mem::replace(&mut self.cursor, start);
        self.cut(start, end);
    }

    /// Inserts the text that was cut last.
    pub fn yank(&mut self) {
        let cut = self.cut.clone();
        self.insert(&cut);
    }

    fn cut(&mut self, start: usize, end: usize) {
        if start < end {
            self.text[start..end].clone_into(&mut self.cut);
            self.replace(start..end, "");
        }
    }

    /// Replaces a range of the text and puts the cursor after it.
    fn replace(&mut self, range: Range<usize>, with: &str) {
        let end = range.start + with.len();
        self.text.replace_range(range, with);
        self.cursor = boundary_from(&self.text, end);
    }

    fn before(&self) -> usize {
        let last = self.text[..self.cursor].graphemes(true).next_back();
        self.cursor - last.map_or(0, str::len)
    }

    fn behind(&self) -> usize {
        let next = self.text[self.cursor..].graphemes(true).next();
        self.cursor + next.map_or(0, str::len)
    }

    fn column(&self) -> usize {
        let start = self.text[..self.cursor].rfind('\n').map_or(0, |at| at + 1);
        self.text[start..self.cursor].graphemes(true).count()
    }

    fn forward(&mut self, clusters: usize) {
        for _ in 0..clusters {
            if self.text[self.cursor..].is_empty() || self.text[self.cursor..].starts_with('\n') {
                return;
            }
            self.right();
        }
    }
}

/// Returns the text with `\n` as its only line break, which is a cluster of its own.
fn one_line_break(text: &str) -> String {
    text.replace("\r\n", "\n").replace('\r', "\n")
}

/// Returns the first boundary between clusters at or after `at`.
fn boundary_from(text: &str, at: usize) -> usize {
    let mut cursor = GraphemeCursor::new(at, text.len(), true);
    // The whole text is given, so the cursor never asks for more of it.
    if cursor.is_boundary(text, 0).unwrap_or(true) {
        return at;
    }
    cursor.next_boundary(text, 0).ok().flatten().unwrap_or(text.len())
}

fn is_space(cluster: &str) -> bool {
    cluster.starts_with(char::is_whitespace)
}

/// The width of the prompt before the input, in cells.
pub const PROMPT_CELLS: usize = 2;

/// The input as rows of the screen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Laid {
    /// The rows, broken where they are full.
    pub rows: Vec<String>,
    /// The row and the column of the cursor.
    pub cursor: (usize, usize),
}

fn lay(text: &str, cursor: usize, width: usize) -> Laid {
    let mut rows = vec![String::new()];
    let (mut used, mut at, mut place) = (0, 0, (0, 0));
    for cluster in text.graphemes(true) {
        let drawn = if cluster == "\n" { Clean::default() } else { Clean::line(cluster) };
        if used > 0 && used + drawn.width() > width {
            rows.push(String::new());
            used = 0;
        }
        if at == cursor {
            // After a full row it stands on the last cell.
            place = (rows.len() - 1, used.min(width - 1));
        }
        at += cluster.len();
        if cluster == "\n" {
            rows.push(String::new());
            used = 0;
        } else if let Some(row) = rows.last_mut() {
            row.push_str(drawn.as_str());
            used += drawn.width();
        }
    }
    if at == cursor {
        if used >= width {
            rows.push(String::new());
            used = 0;
        }
        place = (rows.len() - 1, used);
    }
    Laid { rows, cursor: place }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(text: &str) -> Composer {
        let mut composer = Composer::default();
        composer.set(text);
        composer
    }

    #[test]
    fn an_emoji_is_one_step() {
        let mut composer = with("a👨‍👩‍👧e\u{301}");
        composer.left();
        composer.left();
        assert_eq!(composer.cursor(), 1);
        composer.delete();
        assert_eq!(composer.text(), "ae\u{301}");
        composer.line_end();
        composer.backspace();
        composer.backspace();
        composer.backspace();
        assert_eq!((composer.text(), composer.cursor()), ("", 0));
    }

    #[test]
    fn the_cursor_never_stands_inside_a_cluster() {
        let mut composer = with("\u{301}x");
        composer.line_start();
        composer.insert("a");
        assert_eq!(composer.cursor(), 3, "the accent joined the letter");
        let mut composer = with("🇫x🇷");
        composer.left();
        composer.backspace();
        assert_eq!((composer.text(), composer.cursor()), ("🇫🇷", 8));
        let mut composer = with("one \u{301}");
        composer.word_left();
        assert_eq!(composer.cursor(), 0, "a space with an accent is a space");
        let mut composer = with("a\r\nb\rc");
        assert_eq!(composer.text(), "a\nb\nc");
        assert!(composer.up() && composer.up() && !composer.up());
    }

    #[test]
    fn words_and_lines() {
        let mut composer = with("one two\nthree");
        assert!(composer.up());
        assert_eq!(composer.cursor(), 5);
        composer.word_right();
        assert_eq!(composer.cursor(), 7);
        assert!(composer.down() && !composer.down());
        assert_eq!(composer.cursor(), 13);
        composer.cut_to_start();
        assert_eq!(composer.text(), "one two\n");
        composer.backspace();
        composer.cut_word();
        assert_eq!(composer.text(), "one ");
        composer.yank();
        assert_eq!(composer.text(), "one two");
        composer.line_start();
        composer.cut_to_end();
        assert_eq!(composer.text(), "");
        assert!(!composer.insert(&"x".repeat(DRAFT_BYTES + 1)));
    }

    #[test]
    fn the_cursor_is_where_the_next_cluster_goes() {
        assert_eq!(lay("abc", 3, 10).cursor, (0, 3));
        assert_eq!(lay("abc", 1, 10).cursor, (0, 1));
        assert_eq!(lay("ab\ncd", 2, 10).cursor, (0, 2));
        assert_eq!(lay("ab\ncd", 3, 10).cursor, (1, 0));
        assert_eq!(lay("ab\n", 3, 10).cursor, (1, 0));
        assert_eq!(lay("日本語", 6, 10).cursor, (0, 4));
        assert_eq!(lay("abcd", 4, 4).cursor, (1, 0));
        assert_eq!(lay("abcdef", 4, 4).cursor, (1, 0));
        assert_eq!(lay("abcdef", 4, 4).rows, ["abcd", "ef"]);
        assert_eq!(lay("", 0, 4).cursor, (0, 0));
        assert_eq!(lay("abcd\nef", 4, 4).cursor, (0, 3), "on the last cell");
        assert_eq!(lay("日", 0, 1).rows, ["日"], "a cluster that fits nowhere needs no empty row");
    }
}
