//! Splits texts into words in a normal form, the same for the search index, for queries and for the matches in a
//! snippet.
//!
//! The form is compatibility decomposition (UAX #15, NFKD) without diacritics and case-folded, so that `strasse`
//! matches Straße and `resume` matches Résumé. A word is a run of letters or of digits: `1.2.3` is found in `v1.2.3`.
//! In scripts without spaces each letter is a word, and symbols such as emoji are words of their own.

use unicode_normalization::char::{canonical_combining_class, decompose_compatible};

/// The maximum length of a word, in characters. The rest of it is ignored.
const WORD_CHARS: usize = 40;

/// A word of a text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Word {
    /// The word in normal form.
    pub(crate) text: String,
    /// The position of its first character in the original text.
    pub(crate) start: usize,
    /// The position after its last character.
    pub(crate) end: usize,
}

/// How a character affects the word before it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Class {
    Letter,
    Digit,
    /// It is a word of its own.
    Single,
    /// It is a mark on the letter before it.
    Mark,
    Separator,
}

/// Returns the words of a text, in order.
#[must_use]
pub(crate) fn words(text: &str) -> Vec<Word> {
    let (mut words, mut last): (Vec<Word>, _) = (Vec::new(), Class::Separator);
    for (at, original) in text.chars().enumerate() {
        let mut is_nothing = true;
        for_each_folded(original, |c| {
            is_nothing = false;
            let class = class(c);
            let goes_on = match class {
                Class::Mark => last != Class::Separator,
                Class::Letter | Class::Digit => class == last,
                Class::Single | Class::Separator => false,
            };
            if !matches!(class, Class::Separator | Class::Mark) {
                last = class;
            } else if class == Class::Separator {
                last = Class::Separator;
            }
            match words.last_mut() {
                Some(word) if goes_on => {
                    word.end = at + 1;
                    if word.text.chars().count() < WORD_CHARS {
                        word.text.push(c);
                    }
                }
                _ if matches!(class, Class::Separator | Class::Mark) => {}
                _ => words.push(Word { text: c.to_string(), start: at, end: at + 1 }),
            }
        });
        // A diacritic or a joiner belongs to the character before it.
        if let (true, Some(word)) = (is_nothing, words.last_mut())
            && word.end == at
        {
            word.end = at + 1;
        }
    }
    words
}

/// Whether a word is a letter or symbol that is a word of its own, so that no longer word begins with it.
#[must_use]
pub(crate) fn is_single(word: &str) -> bool {
    word.chars().next().is_some_and(|c| class(c) == Class::Single)
}

/// Passes the characters of the normal form of one character to `each`.
fn for_each_folded(original: char, mut each: impl FnMut(char)) {
    if is_ignored(original) {
        return;
    }
    if original.is_ascii() {
        return each(original.to_ascii_lowercase());
    }
    decompose_compatible(original, |c| {
        if !is_diacritic(c) {
            // Upper case first: it turns ß into two letters, and σ and ς into one.
            c.to_uppercase().flat_map(char::to_lowercase).filter(|c| !is_diacritic(*c)).for_each(&mut each);
        }
    });
}

/// Whether a character is a mark above, below, over or inside a letter, or a vowel point of Hebrew or Arabic. Marks
/// that make another letter (in Kana, Indic scripts and Thai) are kept.
fn is_diacritic(c: char) -> bool {
    matches!(canonical_combining_class(c), 1 | 10..=35 | 200..=240)
}

/// Whether a character shapes a text and is not read: joiners, selectors, directional marks, skin tones.
fn is_ignored(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
        | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{1f3fb}'..='\u{1f3ff}' | '\u{e0000}'..='\u{e0fff}')
}

fn class(c: char) -> Class {
    if stands_alone(c) || is_symbol(c) {
        Class::Single
    } else if c.is_numeric() {
        Class::Digit
    } else if c.is_alphabetic() {
        Class::Letter
    } else if canonical_combining_class(c) != 0 {
        Class::Mark
    } else {
        Class::Separator
    }
}

/// Whether a letter belongs to a script without spaces between words.
fn stands_alone(c: char) -> bool {
    matches!(c,
        '\u{e01}'..='\u{e33}' | '\u{e40}'..='\u{e46}' | '\u{e80}'..='\u{eb3}' | '\u{ebd}'..='\u{ec6}' | '\u{edc}'..='\u{edf}'
        | '\u{1000}'..='\u{109f}' | '\u{1780}'..='\u{17ff}'
        | '\u{2e80}'..='\u{2fdf}' | '\u{3005}'..='\u{3007}' | '\u{3041}'..='\u{3096}' | '\u{309d}'..='\u{30ff}'
        | '\u{31f0}'..='\u{31ff}' | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{f900}'..='\u{faff}'
        | '\u{20000}'..='\u{3ffff}')
}

/// Whether a character is an arrow, a mathematical or technical symbol, a dingbat, an emoji or the like.
fn is_symbol(c: char) -> bool {
    matches!(c, '\u{20a0}'..='\u{20cf}' | '\u{2190}'..='\u{2bff}' | '\u{1f000}'..='\u{1fbff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(text: &str) -> Vec<String> {
        words(text).into_iter().map(|word| word.text).collect()
    }

    #[test]
    fn one_normal_form_for_what_reads_alike() {
        for alike in [
            ["Straße", "strasse", "STRASSE"],
            ["Résumé", "resume", "re\u{301}sume\u{301}"],
            ["ﬁn", "fin", "ＦＩＮ"],
            ["Σίσυφος", "σισυφοσ", "ΣΙΣΥΦΟΣ"],
            ["İstanbul", "istanbul", "ISTANBUL"],
            ["Ångström", "angstrom", "A\u{30a}ngstrom"],
            ["ｶﾞ", "ガ", "カ\u{3099}"],
            ["co\u{ad}operate", "cooperate", "co\u{200d}operate"],
            ["👍🏽", "👍", "👍\u{fe0f}"],
            ["ĲSSEL", "ijssel", "ĳssel"],
            ["학교", "\u{1112}\u{1161}\u{11a8}\u{1100}\u{116d}", "학교"],
        ] {
            assert_eq!(texts(alike[0]), texts(alike[1]), "{alike:?}");
            assert_eq!(texts(alike[0]), texts(alike[2]), "{alike:?}");
            assert!(!texts(alike[0]).is_empty(), "{alike:?}");
        }
        for different in [["か", "が"], ["มา", "ไม"], ["a", "b"], ["क", "क्"]] {
            assert_ne!(texts(different[0]), texts(different[1]), "{different:?}");
        }
    }

    #[test]
    fn words_are_runs_of_letters_or_of_digits_and_single_signs() {
        assert_eq!(texts("v1.2.3, snake_case it's"), ["v", "1", "2", "3", "snake", "case", "it", "s"]);
        assert_eq!(texts("東京に🎉🎉行く€5"), ["東", "京", "に", "🎉", "🎉", "行", "く", "€", "5"]);
        assert_eq!(texts(" ?!… \u{301}"), [""; 0]);
        assert_eq!(texts(&"x".repeat(100)), ["x".repeat(WORD_CHARS)]);
        let straße = &words("die Straße!")[1];
        assert_eq!((straße.start, straße.end), (4, 10), "in characters of the text");
    }

    #[test]
    fn no_text_makes_it_slow_or_panic() {
        for text in ["\u{fdfa}".repeat(1365), "\u{1112}".repeat(1365), "a\u{301}".repeat(1365), "ﷺ".repeat(9)]
        {
            let found = words(&text);
            assert!(found.iter().all(|word| word.start < word.end && word.end <= text.chars().count()));
        }
    }
}
