//! Names in a text: of the people it addresses, and of what can be rooms.

/// Where the names are, in bytes, each with its `@` or `#`. `mentions` are those that the text addresses, in lower
/// case; the server says which. Whether a room of that name is there, who shows it must know.
#[must_use]
pub fn names(text: &str, mentions: &[String]) -> Vec<(usize, usize)> {
    let mut found = Vec::new();
    let mut from = 0;
    while let Some(at) = text[from..].find(['@', '#']).map(|at| from + at) {
        let after = &text[at + 1..];
        let starts_a_word = text[..at].chars().next_back().is_none_or(|c| !c.is_alphanumeric());
        let (name, is_name) = if text[at..].starts_with('@') {
            let name = user(after);
            (name, mentions.contains(&name.to_lowercase()))
        } else {
            let name = room(after);
            (name, starts_a_word && !name.is_empty())
        };
        from = at + 1;
        if is_name {
            from += name.len();
            found.push((at, from));
        }
    }
    found
}

/// What can be a user's name at the beginning of a text.
fn user(text: &str) -> &str {
    let end = text.find(|c: char| !(c.is_alphanumeric() || matches!(c, '-' | '_' | '.')));
    end.map_or(text, |end| &text[..end]).trim_end_matches(['.', '-'])
}

/// What can be a room's name at the beginning of a text.
fn room(text: &str) -> &str {
    let end = text.find(|c: char| !(c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '_')));
    end.map_or(text, |end| &text[..end]).trim_end_matches('-')
}
