//! Breaking text into lines by the cells that its clusters take.

use std::ops::Range;

use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

use crate::clean::Clean;

/// The lines of `text`, none wider than `width` cells. Breaks after spaces where it can, which then end the line
/// and are not drawn; inside a word where it must. A cluster wider than `width` stands alone.
#[must_use]
pub fn wrap(text: &Clean, width: usize) -> Vec<String> {
    let wrapped =
        |line: &str| breaks(line, width).into_iter().map(|at| line[at].to_owned()).collect::<Vec<_>>();
    text.as_str().split('\n').flat_map(wrapped).collect()
}

/// The same for one line: which stretches of it, in bytes, the lines are.
#[must_use]
pub fn breaks(line: &str, width: usize) -> Vec<Range<usize>> {
    let width = width.max(1);
    let (mut lines, mut start, mut used) = (Vec::new(), 0, 0);
    // Where the current line can be broken: behind its last space.
    let mut breakable: Option<usize> = None;
    for (at, cluster) in line.grapheme_indices(true) {
        let cells = cluster.width();
        if used + cells > width && at > start {
            if cluster == " " {
                // The space that does not fit is the break.
                lines.push(start..at);
                (start, used, breakable) = (at + 1, 0, None);
                continue;
            }
            let end = breakable.take().unwrap_or(at);
            lines.push(start..start + line[start..end].trim_end_matches(' ').len());
            (start, used) = (end, line[end..at].width());
        }
        used += cells;
        if cluster == " " && !line[start..at].trim_start_matches(' ').is_empty() {
            breakable = Some(at + 1);
        }
    }
    lines.push(start..line.len());
    lines
}

/// As much of `text` as fits into `width` cells, with `…` where something is missing.
#[must_use]
pub fn cut(text: &str, width: usize) -> String {
    if text.width() <= width {
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
    }

    /// No line is wider than asked and no text is lost, for many texts made by chance.
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
