//! Finds names in a text: mentioned people and possible rooms. Names in links and in code do not count.

use crate::tree::{Node, parse};

/// Returns the byte ranges of names, each with its `@` or `#`. `mentions` are the names that the text mentions, in
/// lower case, as the server says. Whether a room with that name exists is for the caller to know.
#[must_use]
pub fn names(text: &str, mentions: &[String]) -> Vec<(usize, usize)> {
    let is_shown = |(at, end): &(usize, usize)| {
        text[*at..].starts_with('#') || mentions.contains(&text[at + 1..*end].to_lowercase())
    };
    candidates(text).filter(is_shown).collect()
}

/// Returns the possible mentions in a message: what follows an `@` outside links and code, in order, at most `most`.
#[must_use]
pub fn addressed(message: &str, most: usize) -> Vec<String> {
    let mut found = Vec::new();
    // Most messages have none, and need no parsing.
    if message.contains('@') {
        gather(&parse(message), most, &mut found);
    }
    found
}

fn gather(nodes: &[Node], most: usize, found: &mut Vec<String>) {
    for node in nodes {
        if found.len() >= most {
            return;
        }
        match node {
            Node::Text(text) => {
                let users = candidates(text).filter(|(at, _)| text[*at..].starts_with('@'));
                let left = most - found.len();
                found.extend(users.map(|(at, end)| text[at + 1..end].to_owned()).take(left));
            }
            Node::Emphasis(nodes)
            | Node::Strong(nodes)
            | Node::Struck(nodes)
            | Node::Paragraph(nodes)
            | Node::Heading(nodes)
            | Node::Quote(nodes) => gather(nodes, most, found),
            Node::List { items, .. } => items.iter().for_each(|item| gather(item, most, found)),
            Node::Break | Node::Code(_) | Node::CodeBlock { .. } | Node::Link { .. } | Node::Rule => {}
        }
    }
}

/// Returns where names may be. A name starts at the beginning of a word, and is not part of a path or an address.
fn candidates(text: &str) -> impl Iterator<Item = (usize, usize)> + '_ {
    let mut from = 0;
    std::iter::from_fn(move || {
        loop {
            let at = from + text[from..].find(['@', '#'])?;
            let (before, after) = (text[..at].chars().next_back(), &text[at + 1..]);
            let name = if text[at..].starts_with('@') { user(after) } else { room(after) };
            let starts = before.is_none_or(|c| !(c.is_alphanumeric() || matches!(c, '@' | '/' | '_')));
            let end = at + 1 + name.len();
            let mut rest = text[end..].chars();
            let goes_on =
                matches!(rest.next(), Some('/' | '@')) && rest.next().is_some_and(char::is_alphanumeric);
            from = at + 1;
            if starts && !name.is_empty() && !goes_on {
                from = end;
                return Some((at, end));
            }
        }
    })
}

/// Returns the longest possible user name at the beginning of a text.
fn user(text: &str) -> &str {
    let end = text.find(|c: char| !(c.is_alphanumeric() || matches!(c, '-' | '_' | '.')));
    end.map_or(text, |end| &text[..end]).trim_end_matches(['.', '-'])
}

/// Returns the longest possible room name at the beginning of a text.
fn room(text: &str) -> &str {
    let end = text.find(|c: char| !(c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '_')));
    end.map_or(text, |end| &text[..end]).trim_end_matches('-')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_drawn_as_text_addresses_anyone() {
        for (message, expected) in [
            ("@Alice, see @bob. and @jean-luc_2.0!", vec!["Alice", "bob", "jean-luc_2.0"]),
            ("*@a* **@b** ~~@c~~\n\n> @d\n\n- @e\n\n# @f", vec!["a", "b", "c", "d", "e", "f"]),
            ("`@bob` and ``x @bob``", vec![]),
            ("```\n@bob\n```", vec![]),
            ("    @bob", vec![]),
            ("https://example.com/@bob/post", vec![]),
            ("[@bob](https://example.com) <https://example.com/@bob>", vec![]),
            ("mail x@example.org or bob@bob.example", vec![]),
            ("npm i @bob/utils", vec![]),
            ("@bob@mastodon.social", vec![]),
            ("@bob/ @bob@ (@алиса)", vec!["bob", "bob", "алиса"]),
            ("@ @@ @! @@bob", vec![]),
            ("path/@bob _@bob", vec![]),
        ] {
            assert_eq!(addressed(message, 20), expected, "{message}");
        }
        assert_eq!(addressed(&"@a ".repeat(50), 20).len(), 20);
    }

    #[test]
    fn what_is_marked_is_what_is_addressed() {
        let bob = ["bob".to_owned()];
        assert_eq!(names("@bob, npm i @bob/utils in #dev", &bob), [(0, 4), (26, 30)]);
        assert_eq!(names("x@bob @Bob", &bob), [(6, 10)]);
    }
}
