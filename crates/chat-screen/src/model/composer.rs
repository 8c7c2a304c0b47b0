//! The text being written. The cursor moves by clusters, so an emoji of five code points is one.

use unicode_segmentation::UnicodeSegmentation;

use crate::action::Edit;
use crate::clean::Clean;

/// Longest draft, in bytes: a few messages' worth, so that a pasted file cannot fill the memory.
pub const DRAFT_BYTES: usize = 64 * 1024;

/// A draft and the cursor in it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Composer {
    text: String,
    cursor: usize,
    cut: String,
}

impl Composer {
    /// The draft.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The cursor's place, in bytes.
    #[must_use]
    pub fn cursor(&self) -> usize {
        self.cursor
    }

    /// Whether nothing is written.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    /// The rows that it takes beside so many columns of the screen.
    #[must_use]
    pub fn lay(&self, columns: u16) -> Laid {
        lay(&self.text, self.cursor, usize::from(columns).saturating_sub(PROMPT_CELLS).max(1))
    }

    /// Replaces everything; the cursor goes to the end.
    pub fn set(&mut self, text: &str) {
        text.clone_into(&mut self.text);
        self.cursor = self.text.len();
    }

    /// Takes everything out.
    pub fn take(&mut self) -> String {
        self.cursor = 0;
        std::mem::take(&mut self.text)
    }

    /// Takes everything out, to be brought back with [`Self::yank`].
    pub fn clear(&mut self) {
        self.cut = self.take();
    }

    /// Moves the cursor or changes the text, as a key asks.
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

    /// Writes at the cursor. Tells whether there was room.
    pub fn insert(&mut self, text: &str) -> bool {
        if self.text.len() + text.len() > DRAFT_BYTES {
            return false;
        }
        self.text.insert_str(self.cursor, text);
        self.cursor += text.len();
        true
    }

    /// Puts `word` in the place of what is between `start` and the cursor.
    pub fn replace_from(&mut self, start: usize, word: &str) {
        self.text.replace_range(start..self.cursor, word);
        self.cursor = start + word.len();
    }

    /// Deletes the cluster before the cursor.
    pub fn backspace(&mut self) {
        let start = self.before();
        self.text.replace_range(start..self.cursor, "");
        self.cursor = start;
    }

    /// Deletes the cluster behind the cursor.
    pub fn delete(&mut self) {
        let end = self.behind();
        self.text.replace_range(self.cursor..end, "");
    }

    /// One cluster to the left.
    pub fn left(&mut self) {
        self.cursor = self.before();
    }

    /// One cluster to the right.
    pub fn right(&mut self) {
        self.cursor = self.behind();
    }

    /// To the start of the word.
    pub fn word_left(&mut self) {
        let words = self.text[..self.cursor].trim_end().rfind(char::is_whitespace);
        self.cursor = words.map_or(0, |at| at + self.text[at..].chars().next().map_or(1, char::len_utf8));
    }

    /// Behind the end of the word.
    pub fn word_right(&mut self) {
        let rest = &self.text[self.cursor..];
        let word = rest.trim_start();
        let end = word.find(char::is_whitespace).unwrap_or(word.len());
        self.cursor += rest.len() - word.len() + end;
    }

    /// To the start of the line.
    pub fn line_start(&mut self) {
        self.cursor = self.text[..self.cursor].rfind('\n').map_or(0, |at| at + 1);
    }

    /// To the end of the line.
    pub fn line_end(&mut self) {
        self.cursor += self.text[self.cursor..].find('\n').unwrap_or(self.text.len() - self.cursor);
    }

    /// One line up; false on the first.
    pub fn up(&mut self) -> bool {
        let column = self.column();
        let Some(end) = self.text[..self.cursor].rfind('\n') else { return false };
        self.cursor = end;
        self.line_start();
        self.forward(column);
        true
    }

    /// One line down; false on the last.
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

    /// Cuts the line behind the cursor.
    pub fn cut_to_end(&mut self) {
        let start = self.cursor;
        self.line_end();
        let end = std::mem::replace(&mut self.cursor, start);
        self.cut(start, end);
    }

    /// Brings back what was cut last.
    pub fn yank(&mut self) {
        let cut = self.cut.clone();
        self.insert(&cut);
    }

    fn cut(&mut self, start: usize, end: usize) {
        if start < end {
            self.cut = self.text.drain(start..end).collect();
        }
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

/// What stands before the input, in cells.
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
        let drawn = Clean::line(cluster);
        if cluster == "\n" || used + drawn.width() > width {
            if at == cursor && cluster == "\n" {
                place = (rows.len() - 1, used);
            }
            rows.push(String::new());
            used = 0;
        }
        if at == cursor && cluster != "\n" {
            place = (rows.len() - 1, used);
        }
        at += cluster.len();
        if cluster != "\n" {
            used += drawn.width();
            if let Some(row) = rows.last_mut() {
                row.push_str(drawn.as_str());
            }
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
    }
}
