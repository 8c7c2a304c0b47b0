//! Emoji: Unicode's, or the shortcodes that people type for them.

use crate::error::{ErrorCode, Refusal};

/// The maximum length of an emoji or shortcode that is parsed, in bytes: more than a family of four with skin tones.
const BYTES: usize = 64;

/// An emoji that Unicode recommends for interchange.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Emoji(String);

impl Emoji {
    /// Parses an emoji, with or without its variation selector, or a `:shortcode:`.
    ///
    /// # Errors
    /// `bad_request` if the text is not exactly one emoji.
    pub fn parse(input: &str) -> Result<Self, Refusal> {
        let text = input.trim();
        let shortcode = text.strip_prefix(':').and_then(|rest| rest.strip_suffix(':'));
        let found = match shortcode {
            _ if text.len() > BYTES => None,
            Some(code) => emojis::get_by_shortcode(code),
            None => emojis::get(text),
        };
        let none = || Refusal::new(ErrorCode::BadRequest, "A reaction is one emoji, or a name such as :+1:.");
        found.map(|emoji| Self(emoji.as_str().to_owned())).ok_or_else(none)
    }

    /// Returns the emoji as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Returns the emoji whose shortcodes start with `typed`, the shortest names first: suggestions for `:sm`.
pub fn beginning_with(typed: &str) -> Vec<(&'static str, &'static str)> {
    let typed = typed.to_lowercase();
    let mut fits: Vec<(&str, &str)> = emojis::iter()
        .flat_map(|emoji| emoji.shortcodes().map(move |code| (code, emoji.as_str())))
        .filter(|(code, _)| code.starts_with(&typed))
        .collect();
    fits.sort_by_key(|(code, _)| (code.len(), *code));
    fits
}

/// Replaces the `:shortcodes:` in a text by their emoji. Unknown ones stay as they are.
#[must_use]
pub fn replace_shortcodes(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find(':') {
        let (before, from) = rest.split_at(start);
        out.push_str(before);
        let code = from[1..].find(':').map(|end| &from[1..=end]).filter(|code| code.len() <= BYTES);
        match code.and_then(|code| Some((code, emojis::get_by_shortcode(code)?))) {
            Some((code, emoji)) => {
                out.push_str(emoji.as_str());
                rest = &from[code.len() + 2..];
            }
            None => {
                out.push(':');
                rest = &from[1..];
            }
        }
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_emoji_or_a_name_of_one() {
        for (given, emoji) in
            [("👍", "👍"), (":+1:", "👍"), (" :rocket: ", "🚀"), ("❤", "❤\u{fe0f}"), ("👩‍💻", "👩‍💻")]
        {
            assert_eq!(Emoji::parse(given).unwrap().as_str(), emoji, "{given}");
        }
        for none in ["", "a", "👍👍", ":nosuch:", "::", "<b>", "\u{202e}", &"👍".repeat(100)] {
            assert!(Emoji::parse(none).is_err(), "{none:?}");
        }
    }

    #[test]
    fn shortcodes_in_a_text() {
        assert_eq!(
            replace_shortcodes("ship it :rocket: at 10:30:15 :nosuch: ::"),
            "ship it 🚀 at 10:30:15 :nosuch: ::"
        );
        assert_eq!(replace_shortcodes(":+1::+1:"), "👍👍");
        assert!(beginning_with("sm").iter().any(|(code, emoji)| (*code, *emoji) == ("smile", "😄")));
        assert_eq!(beginning_with("rocket")[0], ("rocket", "🚀"));
    }
}
