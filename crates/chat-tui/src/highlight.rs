//! Syntax highlighting. The grammars are loaded when the first block of code in a known language is shown.

use std::sync::OnceLock;
use std::time::{Duration, Instant};

use syntect::parsing::{ParseState, Scope, ScopeStack, SyntaxSet};

use chat_screen::theme::Part;

/// The maximum length of code that is highlighted, in bytes. No message has more.
const BYTES: usize = 8192;

/// The maximum length of a line that is highlighted, in bytes. The cost grows with the square of a line's length, and
/// a line cannot be interrupted.
const LINE_BYTES: usize = 512;

/// How long highlighting one message may take. The remaining lines are plain.
const BUDGET: Duration = Duration::from_millis(50);

/// The part for each scope prefix. The innermost scope counts.
const PARTS: [(&str, Part); 13] = [
    ("comment", Part::Comment),
    ("string", Part::Text),
    ("constant", Part::Constant),
    ("keyword.operator", Part::Other),
    ("keyword", Part::Keyword),
    ("storage", Part::Keyword),
    ("entity.name.function", Part::Function),
    ("support.function", Part::Function),
    ("variable.function", Part::Function),
    ("entity.name", Part::Type),
    ("entity.other", Part::Type),
    ("support.type", Part::Type),
    ("support.class", Part::Type),
];

struct Grammars {
    syntaxes: SyntaxSet,
    parts: Vec<(Scope, Part)>,
}

fn grammars() -> &'static Grammars {
    static GRAMMARS: OnceLock<Grammars> = OnceLock::new();
    GRAMMARS.get_or_init(|| Grammars {
        syntaxes: SyntaxSet::load_defaults_newlines(),
        parts: PARTS.iter().filter_map(|(name, part)| Some((Scope::new(name).ok()?, *part))).collect(),
    })
}

impl Grammars {
    fn part(&self, stack: &ScopeStack) -> Part {
        let of = |scope: &Scope| {
            self.parts.iter().find(|(known, _)| known.is_prefix_of(*scope)).map(|(_, part)| *part)
        };
        stack.as_slice().iter().rev().find_map(of).unwrap_or(Part::Other)
    }
}

/// Returns each line of `code` in parts, or `None` if the language is unknown. A line that cannot be parsed, is very
/// long, or comes after the time is up has only one part, and so do the lines after it.
#[must_use]
pub fn highlight(code: &str, language: &str) -> Option<Vec<Vec<(String, Part)>>> {
    highlight_within(code, language, BUDGET)
}

fn highlight_within(code: &str, language: &str, budget: Duration) -> Option<Vec<Vec<(String, Part)>>> {
    if language.is_empty() || code.len() > BYTES {
        return None;
    }
    let grammars = grammars();
    let syntax = grammars.syntaxes.find_syntax_by_token(language)?;
    let (mut state, mut stack) = (ParseState::new(syntax), ScopeStack::new());
    let (mut is_lost, began) = (false, Instant::now());
    let mut lines = Vec::new();
    for line in code.split('\n') {
        let whole = format!("{line}\n");
        is_lost |= line.len() > LINE_BYTES || began.elapsed() >= budget;
        let ops = if is_lost { Ok(Vec::new()) } else { state.parse_line(&whole, &grammars.syntaxes) };
        let ops = ops.unwrap_or_else(|_| {
            is_lost = true;
            Vec::new()
        });
        let (mut parts, mut from) = (Vec::new(), 0);
        for (at, op) in ops {
            let at = at.min(line.len());
            if at > from {
                parts.push((line[from..at].to_owned(), grammars.part(&stack)));
                from = at;
            }
            is_lost |= stack.apply(&op).is_err();
        }
        if from < line.len() {
            let part = if is_lost { Part::Other } else { grammars.part(&stack) };
            parts.push((line[from..].to_owned(), part));
        }
        lines.push(parts);
    }
    Some(lines)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_of_code() {
        let code = "fn main() { // hi\n    let a = \"日本\" + 7;\n}";
        let lines = highlight_within(code, "rust", Duration::MAX).unwrap();
        let part =
            |line: usize, text: &str| lines[line].iter().find(|(t, _)| t == text).map(|(_, part)| *part);
        assert_eq!(part(0, "fn"), Some(Part::Keyword));
        assert_eq!(part(0, "main"), Some(Part::Function));
        assert_eq!(part(0, " hi"), Some(Part::Comment));
        assert_eq!(part(1, "日本"), Some(Part::Text));
        assert_eq!(part(1, "7"), Some(Part::Constant));
        let whole: String = lines[1].iter().map(|(text, _)| text.as_str()).collect();
        assert_eq!(whole, "    let a = \"日本\" + 7;");
        assert_eq!(highlight("x", "nosuchlanguage"), None);
        assert_eq!(highlight("x", ""), None);
    }

    #[test]
    fn what_takes_too_long_is_plain_and_whole() {
        let is_plain = |line: &[(String, Part)]| line.iter().all(|(_, part)| *part == Part::Other);
        let long = format!("let a = 1;\n{}\nlet b = 2;", "a ".repeat(LINE_BYTES));
        let lines = highlight_within(&long, "rust", Duration::MAX).unwrap();
        assert!(!is_plain(&lines[0]) && is_plain(&lines[1]) && is_plain(&lines[2]));
        let late = highlight_within("let a = 1;\nlet b = 2;", "rust", Duration::ZERO).unwrap();
        assert!(late.iter().all(|line| is_plain(line)));
        for (lines, code) in [(lines, long.as_str()), (late, "let a = 1;\nlet b = 2;")] {
            let text =
                |line: &Vec<(String, Part)>| line.iter().map(|(text, _)| text.as_str()).collect::<String>();
            assert_eq!(lines.iter().map(text).collect::<Vec<_>>().join("\n"), code);
        }
    }
}
