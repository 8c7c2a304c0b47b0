//! Completion with Tab: commands at the start, rooms after `#` or where a command takes one, otherwise names.

use crate::action::{Needs, Takes, commands};

/// The completions of one word, which Tab cycles through.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Completion {
    /// Where the word starts in the input, in bytes.
    pub start: usize,
    /// The candidates. The last one is what was typed.
    pub words: Vec<String>,
    /// The index of the word that is in the input now.
    pub chosen: usize,
}

impl Completion {
    /// Returns the completions of the word before `cursor`, if there are any.
    #[must_use]
    pub fn of(
        input: &str,
        cursor: usize,
        rooms: &[String],
        names: &[String],
        allowed: impl Fn(Needs) -> bool,
    ) -> Option<Self> {
        let before = input.get(..cursor)?;
        let start = before
            .rfind(char::is_whitespace)
            .map_or(0, |at| at + before[at..].chars().next().map_or(1, char::len_utf8));
        let word = &before[start..];
        let typed = before.split_whitespace().next().unwrap_or_default();
        let takes = commands().find(|known| known.name == typed).map(|known| known.takes);
        let mut words: Vec<String> = match (takes, word.chars().next()) {
            (_, Some('/')) if start == 0 => {
                let begun = word.to_lowercase();
                let fits = commands().filter(|known| known.name.starts_with(&begun) && allowed(known.needs));
                fits.map(|known| format!("{} ", known.name)).collect()
            }
            (Some(Takes::Room), _) => fitting(rooms, word.trim_start_matches('#'), "", " "),
            (_, Some('#')) => fitting(rooms, &word[1..], "#", " "),
            (_, Some('@')) => fitting(names, &word[1..], "@", " "),
            (Some(Takes::Name), None) if before.split_whitespace().count() == 1 => {
                fitting(names, "", "", " ")
            }
            (_, Some(_)) => fitting(names, word, "", if start == 0 { ": " } else { " " }),
            (_, None) => Vec::new(),
        };
        if words.is_empty() {
            return None;
        }
        words.push(word.to_owned());
        Some(Self { start, words, chosen: 0 })
    }

    /// Chooses the next or the previous candidate.
    pub fn turn(&mut self, back: bool) {
        let len = self.words.len();
        self.chosen = (self.chosen + if back { len - 1 } else { 1 }) % len;
    }

    /// Returns the chosen candidate.
    #[must_use]
    pub fn word(&self) -> &str {
        self.words.get(self.chosen).map_or("", String::as_str)
    }
}

fn fitting(all: &[String], typed: &str, sign: &str, after: &str) -> Vec<String> {
    let typed = typed.to_lowercase();
    all.iter().filter(|one| one.starts_with(&typed)).map(|one| format!("{sign}{one}{after}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(input: &str) -> Vec<String> {
        let own = |list: &[&str]| list.iter().map(|s| (*s).to_owned()).collect::<Vec<_>>();
        let (rooms, names) = (own(&["dev", "general"]), own(&["alice", "bob", "bobby"]));
        Completion::of(input, input.len(), &rooms, &names, |needs| needs == Needs::Nothing)
            .map_or(Vec::new(), |c| c.words)
    }

    #[test]
    fn what_fits_the_place() {
        assert_eq!(words("/jo"), ["/join ", "/jo"]);
        assert_eq!(words("/join g"), ["general ", "g"]);
        assert_eq!(words("see #de"), ["#dev ", "#de"]);
        assert_eq!(words("Bo"), ["bob: ", "bobby: ", "Bo"]);
        assert_eq!(words("hi bo"), ["bob ", "bobby ", "bo"]);
        assert_eq!(words("hi @al"), ["@alice ", "@al"]);
        assert_eq!(words("/dm "), ["alice ", "bob ", "bobby ", ""]);
        assert_eq!(words("/ki"), [""; 0], "nothing that would be refused");
        assert_eq!(words("hi zz"), [""; 0]);
        assert_eq!(words(""), [""; 0]);
    }

    #[test]
    fn tab_goes_round() {
        let names = ["bob".to_owned(), "bobby".to_owned()];
        let mut completion = Completion::of("b", 1, &[], &names, |_| true).unwrap();
        assert_eq!(completion.word(), "bob: ");
        completion.turn(false);
        assert_eq!(completion.word(), "bobby: ");
        completion.turn(false);
        assert_eq!(completion.word(), "b");
        completion.turn(true);
        assert_eq!(completion.word(), "bobby: ");
    }
}
