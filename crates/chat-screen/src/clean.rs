//! The only way for other people's text to the terminal. Widgets draw a [`Clean`], which has no control characters,
//! no bidirectional overrides, nothing invisible, and no clusters that break the grid of cells.

use std::fmt;

use unicode_segmentation::{GraphemeCursor, UnicodeSegmentation};
use unicode_width::UnicodeWidthStr;

/// The maximum number of code points in one cluster, as terminals limit a cell's content. The longest emoji has ten: a kiss
/// of two people with skin tones.
pub const CLUSTER_CHARS: usize = 10;

/// The spaces that replace a tab.
const TAB: &str = "    ";

/// A text that is safe to draw.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Clean(String);

impl Clean {
    /// Cleans a text that may have several lines.
    #[must_use]
    pub fn text(raw: &str) -> Self {
        Self(clean(raw, "\n"))
    }

    /// Cleans a text for one line, such as a name or a topic.
    #[must_use]
    pub fn line(raw: &str) -> Self {
        Self(clean(raw, " "))
    }

    /// Returns the text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns how many cells the text takes on one line.
    #[must_use]
    pub fn width(&self) -> usize {
        cells(&self.0)
    }
}

impl fmt::Display for Clean {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Returns how many cells a text takes on one line. A screen is drawn cluster by cluster, which may be wider than the text as
/// a whole: two Arabic letters that a ligature would join take two cells.
#[must_use]
pub fn cells(text: &str) -> usize {
    text.graphemes(true).map(UnicodeWidthStr::width).sum()
}

fn clean(raw: &str, line_break: &str) -> String {
    let mut cleaner = Cleaner { out: String::with_capacity(raw.len()), start: 0 };
    for c in raw.replace("\r\n", "\n").chars() {
        match c {
            '\n' | '\u{2028}' | '\u{2029}' => line_break.chars().for_each(|c| cleaner.push(c)),
            '\t' => TAB.chars().for_each(|c| cleaner.push(c)),
            c => shown(c).into_iter().for_each(|c| cleaner.push(c)),
        }
    }
    cleaner.finish()
}

/// Builds a clean text character by character. Leaving a character out may join its neighbours into one cluster. So the text
/// built so far decides whether the next character begins a cluster, never the raw text.
struct Cleaner {
    out: String,
    /// Where the last cluster of `out` begins.
    start: usize,
}

impl Cleaner {
    fn push(&mut self, c: char) {
        while self.start < self.out.len() {
            if self.joins(c) {
                if self.out[self.start..].chars().count() < CLUSTER_CHARS {
                    self.out.push(c);
                }
                return;
            }
            if !self.shorten() {
                break;
            }
        }
        self.start = self.out.len();
        self.out.push(c);
    }

    /// Whether `c` would be a part of the last cluster.
    fn joins(&mut self, c: char) -> bool {
        let end = self.out.len();
        if c.is_ascii() && self.out.ends_with(|last: char| last.is_ascii()) {
            return false;
        }
        self.out.push(c);
        let last = &self.out[self.start..];
        let is_boundary = GraphemeCursor::new(end - self.start, last.len(), true).is_boundary(last, 0);
        self.out.truncate(end);
        is_boundary == Ok(false)
    }

    /// Removes dangling joiners and marks from the end of the last cluster. Returns whether there were any.
    fn shorten(&mut self) -> bool {
        let cluster = &self.out[self.start..];
        if cluster == "\n" {
            return false;
        }
        // A joiner only means something between two characters. A mark without a base would attach to what is drawn before
        // it.
        let kept = cluster.trim_end_matches('\u{200d}').len();
        let kept = if cluster[..kept].width() == 0 { 0 } else { kept };
        let is_shorter = kept < cluster.len();
        self.out.truncate(self.start + kept);
        if kept == 0 {
            self.start -= self.out.graphemes(true).next_back().map_or(0, str::len);
        }
        is_shorter
    }

    fn finish(mut self) -> String {
        while self.start < self.out.len() && self.shorten() {}
        self.out
    }
}

/// Escapes every character of a JSON text that a terminal interprets or hides. The result parses to the same strings,
/// because outside of strings JSON has none of these.
#[must_use]
pub fn json(raw: &str) -> String {
    let mut out = String::with_capacity(raw.len());
    for c in raw.chars() {
        // Joiners mean something on a screen, but not between brackets and quotes.
        if shown(c) == Some(c) && !matches!(c, '\u{200c}' | '\u{200d}') {
            out.push(c);
        } else {
            for unit in c.encode_utf16(&mut [0; 2]) {
                out.push_str(&format!("\\u{unit:04x}"));
            }
        }
    }
    out
}

/// Returns what is drawn for a character, if anything.
fn shown(c: char) -> Option<char> {
    match c {
        // Control pictures show the reader that something was there.
        '\0'..='\u{1f}' => char::from_u32(0x2400 + u32::from(c)),
        '\u{7f}' => Some('\u{2421}'),
        // Controls without a picture, private use, and noncharacters.
        '\u{80}'..='\u{9f}'
        | '\u{e000}'..='\u{f8ff}'
        | '\u{f0000}'..='\u{10ffff}'
        | '\u{fdd0}'..='\u{fdef}'
        | '\u{fff9}'..='\u{fffb}' => Some('\u{fffd}'),
        c if u32::from(c) & 0xfffe == 0xfffe => Some('\u{fffd}'),
        // Invisible: soft hyphen, directional marks and overrides, zero widths, fillers, tags, selectors.
        '\u{ad}'
        | '\u{34f}'
        | '\u{61c}'
        | '\u{70f}'
        | '\u{115f}'
        | '\u{1160}'
        | '\u{17b4}'
        | '\u{17b5}'
        | '\u{180b}'..='\u{180f}'
        | '\u{200b}'
        | '\u{200e}'
        | '\u{200f}'
        | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}'
        | '\u{3164}'
        | '\u{fe00}'..='\u{fe0d}'
        | '\u{feff}'
        | '\u{ffa0}'
        | '\u{13430}'..='\u{1343f}'
        | '\u{1bca0}'..='\u{1bca3}'
        | '\u{1d173}'..='\u{1d17a}'
        | '\u{e0000}'..='\u{e0fff}' => None,
        c => Some(c),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_a_terminal_obeys_or_hides_comes_through() {
        for c in (0..=0x10_ffff).filter_map(char::from_u32) {
            let drawn = Clean::line(&format!("a{c}b"));
            let bad = |c: char| {
                c.is_control()
                    || ('\u{202a}'..='\u{202e}').contains(&c)
                    || ('\u{2066}'..='\u{2069}').contains(&c)
            };
            assert!(!drawn.as_str().contains(bad), "{:x}", u32::from(c));
            assert!(drawn.as_str().starts_with('a') && drawn.as_str().ends_with('b'), "{:x}", u32::from(c));
        }
    }

    #[test]
    fn json_is_escaped_wherever_a_terminal_would_obey_and_says_the_same() {
        for c in (0..=0x10_ffff).filter_map(char::from_u32) {
            let text = format!("a{c}b\"\\");
            let escaped = json(&serde_json::to_string(&text).unwrap());
            assert_eq!(serde_json::from_str::<String>(&escaped).unwrap(), text, "{escaped}");
            if shown(c) != Some(c) {
                assert!(escaped.is_ascii() && !escaped.contains(char::is_control), "{:x}", u32::from(c));
            }
        }
        assert_eq!(json("\"\u{e0041}é\u{202e}\u{9b}\""), "\"\\udb40\\udc41é\\u202e\\u009b\"");
    }

    #[test]
    fn sequences_are_shown_not_obeyed() {
        assert_eq!(Clean::line("\x1b[2J\x1b]0;x\x07").as_str(), "␛[2J␛]0;x␇");
        assert_eq!(Clean::line("\u{9b}31m").as_str(), "\u{fffd}31m");
        assert_eq!(Clean::line("user\u{202e}gpj.exe").as_str(), "usergpj.exe");
        assert_eq!(Clean::line("a\rb\nc\td").as_str(), "a␍b c    d");
        assert_eq!(Clean::text("a\r\nb\u{2028}c").as_str(), "a\nb\nc");
    }

    #[test]
    fn clusters_are_bounded_and_emoji_stay_whole() {
        let zalgo = format!("a{}", "\u{301}".repeat(20_000));
        assert_eq!(Clean::line(&zalgo).as_str().chars().count(), CLUSTER_CHARS);
        for whole in ["👨‍👩‍👧", "👩🏽‍❤️‍💋‍👨🏿", "🇫🇷", "❤️", "é", "e\u{301}", "日本", "नमस्ते"]
        {
            assert_eq!(Clean::line(whole).as_str(), whole);
        }
        assert_eq!(Clean::line("\u{301}x").as_str(), "x");
        assert_eq!(Clean::line("a\u{200b}b\u{feff}c\u{3164}").as_str(), "abc");
    }

    #[test]
    fn what_is_left_out_joins_no_clusters_to_a_longer_one() {
        for parts in [["\u{600}", "\u{ad}"], ["क्", "\u{200b}"], ["ᄀ", "\u{202e}"]] {
            let long = Clean::line(&parts.concat().repeat(20_000));
            let longest = long.as_str().graphemes(true).map(|cluster| cluster.chars().count()).max();
            assert_eq!(longest, Some(CLUSTER_CHARS), "{parts:?}");
            assert_eq!(Clean::line(long.as_str()), long);
        }
        assert_eq!(
            Clean::line(&format!("{}aA", "\u{600}".repeat(CLUSTER_CHARS))).as_str(),
            "\u{600}".repeat(CLUSTER_CHARS)
        );
    }
}
