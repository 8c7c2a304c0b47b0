//! Whether a text matches, and the part of it around the first match.

use crate::words::{Word, is_single, words};

/// How much of a text is shown around a match, in characters.
const AROUND: usize = 60;

/// The marks before and after a match in a snippet.
const MARKS: (char, char) = ('\u{e000}', '\u{e001}');

/// Words that must follow each other.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Sought {
    words: Vec<String>,
    /// Whether the last word may be only the beginning of a longer one.
    begins: bool,
}

impl Sought {
    /// Returns the words of a text.
    #[must_use]
    pub(crate) fn new(text: &str, begins: bool) -> Self {
        let words: Vec<String> = words(text).into_iter().map(|word| word.text).collect();
        let begins = begins && words.last().is_some_and(|word| !is_single(word));
        Self { words, begins }
    }

    /// Whether there is nothing to search for.
    #[must_use]
    pub(crate) fn is_empty(&self) -> bool {
        self.words.is_empty()
    }

    /// Returns the words, and whether each may be only a beginning.
    pub(super) fn words(&self) -> impl Iterator<Item = (&str, bool)> {
        let last = self.words.len().saturating_sub(1);
        self.words.iter().enumerate().map(move |(at, word)| (word.as_str(), self.begins && at == last))
    }

    /// Whether a text with these words matches.
    #[must_use]
    pub(crate) fn is_in(&self, text: &[Word]) -> bool {
        self.hits(text).next().is_some()
    }

    /// Returns the matches in a text with these words: their first characters, and the characters after them.
    fn hits<'a>(&'a self, text: &'a [Word]) -> impl Iterator<Item = (usize, usize)> + 'a {
        let fits = |found: &[Word]| {
            self.words().zip(found).all(|((word, begins), found)| {
                if begins { found.text.starts_with(word) } else { found.text == word }
            })
        };
        let runs = text.windows(self.words.len().max(1)).filter(move |found| !self.is_empty() && fits(found));
        runs.filter_map(|found| Some((found.first()?.start, found.last()?.end)))
    }
}

/// Returns the part of a text around the first match, with every match marked.
pub(super) fn snippet(text: &str, terms: &[Sought]) -> String {
    let chars: Vec<char> = text.chars().filter(|c| *c != MARKS.0 && *c != MARKS.1).collect();
    let text: String = chars.iter().collect();
    let words = words(&text);
    let mut marked = vec![false; chars.len()];
    for (start, end) in terms.iter().flat_map(|term| term.hits(&words)) {
        marked[start..end].fill(true);
    }
    let first = marked.iter().position(|is_hit| *is_hit).unwrap_or(0);
    let (start, end) = (first.saturating_sub(AROUND), (first + 2 * AROUND).min(chars.len()));
    let mut out = String::new();
    if start > 0 {
        out.push('…');
    }
    for at in start..end {
        if marked[at] && (at == start || !marked[at - 1]) {
            out.push(MARKS.0);
        }
        out.push(if chars[at].is_control() { ' ' } else { chars[at] });
        if marked[at] && (at + 1 == end || !marked[at + 1]) {
            out.push(MARKS.1);
        }
    }
    if end < chars.len() {
        out.push('…');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sought(terms: &[&str]) -> Vec<Sought> {
        terms.iter().map(|term| Sought::new(term, true)).collect()
    }

    #[test]
    fn snippets_mark_every_hit_and_stay_short() {
        let terms = sought(&["fox", "dog"]);
        assert_eq!(
            snippet("The Fox and the dogs", &terms),
            "The \u{e000}Fox\u{e001} and the \u{e000}dogs\u{e001}"
        );
        let long = format!("{} fox {}", "x".repeat(500), "y".repeat(500));
        let short = snippet(&long, &terms);
        assert!(short.starts_with('…') && short.ends_with('…') && short.chars().count() < 200, "{short}");
        assert_eq!(snippet("a\u{e000}b", &sought(&["ab"])), "\u{e000}ab\u{e001}", "nobody forges a mark");
    }

    #[test]
    fn what_is_found_is_marked_in_any_form() {
        for (query, text, expected) in [
            ("strasse", "die Straße!", "die \u{e000}Straße\u{e001}!"),
            ("resume", "my Re\u{301}sume\u{301}", "my \u{e000}Re\u{301}sume\u{301}\u{e001}"),
            ("1.2.3", "v1.2.3", "v\u{e000}1.2.3\u{e001}"),
            ("학교", "학교에서", "\u{e000}학교에서\u{e001}"),
            ("🎉", "done 🎉!", "done \u{e000}🎉\u{e001}!"),
            ("京都", "東京都", "東\u{e000}京都\u{e001}"),
        ] {
            assert_eq!(snippet(text, &sought(&[query])), expected);
        }
        let is_in = |term: &str, begins, text| Sought::new(term, begins).is_in(&words(text));
        assert!(is_in("lazy dog", false, "a LAZY, dog"));
        assert!(!is_in("lazy dog", false, "lazy dogs") && !is_in("", true, "x"));
        assert!(!is_in("dog lazy", true, "lazy dog"));
    }

    #[test]
    fn fuzz_snippets() {
        chat_fuzz::run("snippets", [], |input| {
            let input = String::from_utf8_lossy(input);
            let (query, text) = input.split_once('\n').unwrap_or(("x", &input));
            let found = snippet(text, &sought(&[query]));
            assert!(!found.contains(char::is_control) && found.chars().count() <= 6 * AROUND);
            let marks: Vec<char> = found.chars().filter(|c| *c == MARKS.0 || *c == MARKS.1).collect();
            assert!(marks.chunks(2).all(|pair| pair == [MARKS.0, MARKS.1]), "{found}");
            let length = text.chars().count();
            for word in words(text) {
                assert!(word.start < word.end && word.end <= length);
                let again: String = words(&word.text).into_iter().map(|word| word.text).collect();
                assert_eq!(again, word.text, "the normal form stays as it is");
            }
        });
    }
}
