//! Breaks text into lines by the width of its clusters in cells.

use std::ops::Range;

use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

use crate::clean::{Clean, cells};

/// Returns the lines of `text`, none wider than `width` cells. Breaks after spaces if possible (the space ends the
/// line and is not drawn), and otherwise within a word. A cluster wider than `width` is on a line of its own.
#[must_use]
pub fn wrap(text: &Clean, width: usize) -> Vec<String> {
    let wrapped =
        |line: &str| breaks(line, width).into_iter().map(|at| line[at].to_owned()).collect::<Vec<_>>();
    text.as_str().split('\n').flat_map(wrapped).collect()
}

/// Like [`wrap`], for one line: returns the byte ranges of its lines.
#[must_use]
pub fn breaks(line: &str, width: usize) -> Vec<Range<usize>> {
    breaks_between(line, line.grapheme_indices(true), width)
}

/// The same for a line that is drawn as these clusters: pieces of different styles do not join.
#[must_use]
pub fn breaks_between<'a>(
    line: &str,
    clusters: impl Iterator<Item = (usize, &'a str)>,
    width: usize,
) -> Vec<Range<usize>> {
    let width = width.max(1);
    let (mut lines, mut start, mut used) = (Vec::new(), 0, 0);
    // Where the current line can be broken (after its last space), and how many cells are before that.
    let mut breakable: Option<(usize, usize)> = None;
    for (at, cluster) in clusters {
        let wide = cluster.width();
        if cluster == " " && used + wide > width && at > start {
            // The space that does not fit is the break.
            lines.push(start..at);
            (start, used, breakable) = (at + 1, 0, None);
            continue;
        }
        // Twice if the word that moves to the next line leaves no room there for a wide cluster.
        while used + wide > width && at > start {
            let (end, before) = breakable.take().unwrap_or((at, used));
            lines.push(start..start + without_last_spaces(&line[start..end]));
            (start, used) = (end, used - before);
        }
        used += wide;
        if cluster == " " && !line[start..at].trim_start_matches(' ').is_empty() {
            breakable = Some((at + 1, used));
        }
    }
    lines.push(start..line.len());
    lines
}

/// Returns the length of a text without the spaces at its end, in bytes.
fn without_last_spaces(text: &str) -> usize {
    let spaces = text.graphemes(true).rev().take_while(|cluster| *cluster == " ").count();
    text.len() - spaces
}

/// Returns as much of `text` as fits into `width` cells, ending with `…` if something is missing.
#[must_use]
pub fn cut(text: &str, width: usize) -> String {
    if cells(text) <= width {
        return text.to_owned();
    }
    let (mut out, mut used) = (String::new(), 0);
    for cluster in text.graphemes(true) {
        used += cluster.width();
        if used + 1 > width {
            break;
        }
        out.push_str(cluster);
    }
    if width > 0 {
        out.push('…');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wrapped(text: &str, width: usize) -> Vec<String> {
        wrap(&Clean::text(text), width)
    }

    #[test]
    fn breaks_at_spaces_and_inside_long_words() {
        assert_eq!(wrapped("the quick brown fox", 10), ["the quick", "brown fox"]);
        assert_eq!(wrapped("abcdefghij", 4), ["abcd", "efgh", "ij"]);
        assert_eq!(wrapped("go abcdefghij", 4), ["go", "abcd", "efgh", "ij"]);
        assert_eq!(wrapped("a\n\nb", 4), ["a", "", "b"]);
        assert_eq!(wrapped("", 4), [""]);
        assert_eq!(wrapped("    indented", 20), ["    indented"]);
    }

    #[test]
    fn counts_cells_not_characters() {
        assert_eq!(wrapped("日本語", 4), ["日本", "語"]);
        assert_eq!(wrapped("👨‍👩‍👧👨‍👩‍👧", 2), ["👨‍👩‍👧", "👨‍👩‍👧"]);
        assert_eq!(wrapped("🇫🇷🇩🇪", 3), ["🇫🇷", "🇩🇪"]);
        assert_eq!(wrapped("e\u{301}e\u{301}e\u{301}", 2), ["e\u{301}e\u{301}", "e\u{301}"]);
        assert_eq!(wrapped("日", 1), ["日"], "stands alone");
        assert_eq!(wrapped("ab لالا", 3), ["ab", "لال", "ا"], "letters of a ligature take a cell each");
        assert_eq!(
            wrapped("日 abᄀᄀᄀᄀ", 8),
            ["日", "ab", "ᄀᄀᄀᄀ"],
            "a cluster of many cells after a word"
        );
        assert_eq!(wrapped("ab \u{600} cd", 4), ["ab", "\u{600} cd"], "a space in a cluster is no break");
    }

    /// No line is too wide and no text is lost, for many random texts.
    #[test]
    fn no_line_is_too_wide_and_nothing_is_lost() {
        let parts = [
            "a",
            "bc ",
            " ",
            "  ",
            "日本",
            "👨‍👩‍👧",
            "❤️",
            "é",
            "e\u{301}",
            "🇫🇷",
            "word ",
            "longerword",
            "\n",
            "\t",
            "\u{202e}",
            "﷽",
        ];
        let mut seed = 42_u64;
        for _ in 0..3000 {
            let mut text = String::new();
            for _ in 0..20 {
                seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                text.push_str(parts[(seed >> 33) as usize % parts.len()]);
            }
            let text = Clean::text(&text);
            let width = 2 + (seed >> 20) as usize % 30;
            let lines = wrap(&text, width);
            assert!(lines.iter().all(|line| line.width() <= width), "{text:?} in {width}: {lines:?}");
            let solid = |s: &str| s.chars().filter(|c| !c.is_whitespace()).collect::<String>();
            assert_eq!(solid(&lines.concat()), solid(text.as_str()));
        }
    }

    #[test]
    fn cuts_with_an_ellipsis() {
        assert_eq!(cut("abc", 3), "abc");
        assert_eq!(cut("abcd", 3), "ab…");
        assert_eq!(cut("日本語", 5), "日本…");
        assert_eq!(cut("abc", 0), "");
    }
}
