//! The one gate between strangers' text and the terminal. What the widgets draw is a [`Clean`], and a `Clean`
//! has no control characters, no bidirectional overrides, nothing invisible, and no cell-breaking clusters.

use std::fmt;

use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

/// Most code points of one cluster, as terminals count a cell's content. Real emoji have fewer.
const CLUSTER_CHARS: usize = 8;

/// How many spaces a tab is.
const TAB: &str = "    ";

/// A text that is safe to draw.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Clean(String);

impl Clean {
    /// A text of possibly several lines.
    #[must_use]
    pub fn text(raw: &str) -> Self {
        Self(clean(raw, "\n"))
    }

    /// A text on one line, such as a name or a topic.
    #[must_use]
    pub fn line(raw: &str) -> Self {
        Self(clean(raw, " "))
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// How many cells it takes on one line.
    #[must_use]
    pub fn width(&self) -> usize {
        self.0.width()
    }
}

impl fmt::Display for Clean {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

fn clean(raw: &str, line_break: &str) -> String {
    let mut out = String::with_capacity(raw.len());
    for cluster in raw.graphemes(true) {
        match cluster {
            "\n" | "\r\n" | "\u{2028}" | "\u{2029}" => out.push_str(line_break),
            "\t" => out.push_str(TAB),
            _ if cluster.is_ascii() && !cluster.contains(|c: char| c.is_ascii_control()) => {
                out.push_str(cluster)
            }
            _ => push_cluster(&mut out, cluster),
        }
    }
    out
}

fn push_cluster(out: &mut String, cluster: &str) {
    let start = out.len();
    let kept = cluster.chars().filter_map(shown).take(CLUSTER_CHARS);
    out.extend(kept);
    // Joiners mean something between two others only.
    while out.len() > start && out.ends_with('\u{200d}') {
        out.pop();
    }
    // Combining marks without a base would attach themselves to what is drawn before.
    if out[start..].width() == 0 {
        out.truncate(start);
    }
}

/// A JSON text with every character escaped that a terminal obeys or hides. It parses to the same strings: outside of
/// strings JSON has none of these.
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

/// What is drawn for a character, if anything.
fn shown(c: char) -> Option<char> {
    match c {
        // Control pictures: the reader sees that something was there.
        '\0'..='\u{1f}' => char::from_u32(0x2400 + u32::from(c)),
        '\u{7f}' => Some('\u{2421}'),
        // Controls without a picture, private use, and what is no character.
        '\u{80}'..='\u{9f}'
        | '\u{e000}'..='\u{f8ff}'
        | '\u{f0000}'..='\u{10ffff}'
        | '\u{fdd0}'..='\u{fdef}'
        | '\u{fff9}'..='\u{fffb}' => Some('\u{fffd}'),
        c if u32::from(c) & 0xfffe == 0xfffe => Some('\u{fffd}'),
        // Invisible: soft hyphen, marks and overrides of direction, zero widths, fillers, tags, selectors.
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
        for whole in ["👨‍👩‍👧", "🇫🇷", "❤️", "é", "e\u{301}", "日本", "नमस्ते"]
        {
            assert_eq!(Clean::line(whole).as_str(), whole);
        }
        assert_eq!(Clean::line("\u{301}x").as_str(), "x");
        assert_eq!(Clean::line("a\u{200b}b\u{feff}c\u{3164}").as_str(), "abc");
    }
}
