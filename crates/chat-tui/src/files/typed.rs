//! What a typed or pasted path means.

use std::path::PathBuf;

use url::Url;

/// The maximum number of paths offered as completions.
const PATHS: usize = 100;

/// Returns the path that a person means: `~` is their home folder.
#[must_use]
pub fn path(typed: &str) -> PathBuf {
    let home = || etcetera::home_dir().unwrap_or_default();
    match typed.strip_prefix('~') {
        Some("") => home(),
        Some(rest) if rest.starts_with('/') => home().join(rest.trim_start_matches('/')),
        _ => PathBuf::from(typed),
    }
}

/// Splits the arguments of `/upload` into a path and an optional text. The path is as it was typed, or as terminals
/// paste a dragged file: in quotes, with backslashes as for a shell, or as a `file://` URL.
#[must_use]
pub fn path_and_text(typed: &str) -> (PathBuf, String) {
    let typed = typed.trim();
    let whole = path(typed);
    if whole.is_file() {
        return (whole, String::new());
    }
    // The longest prefix that is an existing file, taken literally.
    let ends = typed.char_indices().rev().filter(|(_, c)| *c == ' ').map(|(at, _)| at);
    if let Some((head, text)) = ends.map(|at| typed.split_at(at)).find(|(head, _)| path(head).is_file()) {
        return (path(head), text.trim().to_owned());
    }
    let (first, rest) = typed.split_once([' ', '\t', '\n']).unwrap_or((typed, ""));
    if let Some(path) = address(first) {
        return (path, rest.trim().to_owned());
    }
    let (word, text) = shell_word(typed);
    (path(&word), text.trim().to_owned())
}

/// Splits off the first word, as a shell reads it.
fn shell_word(typed: &str) -> (String, &str) {
    let (mut word, mut quote) = (String::new(), None);
    let mut chars = typed.char_indices();
    while let Some((at, c)) = chars.next() {
        match (c, quote) {
            (' ' | '\t' | '\n', None) => return (word, &typed[at..]),
            ('\'' | '"', None) if typed[at + 1..].contains(c) => quote = Some(c),
            (c, Some(open)) if c == open => quote = None,
            ('\\', None | Some('"')) => word.extend(chars.next().map(|(_, escaped)| escaped)),
            (c, _) => word.push(c),
        }
    }
    (word, "")
}

/// Returns the path of a `file://` URL on this computer.
fn address(word: &str) -> Option<PathBuf> {
    let address = Url::parse(word).ok().filter(|_| word.starts_with("file://"))?;
    address.to_file_path().ok()
}

/// Returns the completions of a path. Folders end with a slash.
#[must_use]
pub fn paths(typed: &str) -> Vec<String> {
    let (folder, begin) =
        typed.rsplit_once('/').map_or(("", typed), |(folder, begin)| (&typed[..=folder.len()], begin));
    let looked_in = if folder.is_empty() { PathBuf::from(".") } else { path(folder) };
    let Ok(entries) = std::fs::read_dir(looked_in) else { return Vec::new() };
    let mut found: Vec<String> = entries
        .filter_map(Result::ok)
        .filter_map(|entry| {
            let name = entry.file_name().into_string().ok()?;
            let fits = name.starts_with(begin) && (begin.starts_with('.') || !name.starts_with('.'));
            let slash = if entry.path().is_dir() { "/" } else { "" };
            fits.then(|| format!("{folder}{name}{slash}"))
        })
        .take(PATHS)
        .collect();
    found.sort();
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_told_from_texts_and_completed() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("two words.txt"), "x").unwrap();
        std::fs::create_dir(dir.path().join("sub")).unwrap();
        let base = dir.path().display().to_string();
        let whole = format!("{base}/two words.txt");
        assert_eq!(path_and_text(&whole), (PathBuf::from(&whole), String::new()));
        assert_eq!(
            path_and_text(&format!("{whole} look at this")),
            (PathBuf::from(&whole), "look at this".into())
        );
        assert_eq!(path_and_text("\"a b\" c"), (PathBuf::from("a b"), "c".into()));
        assert_eq!(path_and_text("/no/file text"), (PathBuf::from("/no/file"), "text".into()));
        assert_eq!(paths(&format!("{base}/")), [format!("{base}/sub/"), whole.clone()]);
        assert_eq!(paths(&format!("{base}/tw")), [whole]);
        assert!(path("~/x").is_absolute() && paths("/no/such/").is_empty());
    }

    #[test]
    fn a_path_that_was_dragged_into_the_terminal_is_read_as_it_was_meant() {
        let dir = tempfile::tempdir().unwrap();
        let base = dir.path().display().to_string();
        for name in ["it's here.txt", "plain.txt", "100% & more.txt", "na\u{ef}ve.txt", "back\\slash.txt"] {
            std::fs::write(dir.path().join(name), "x").unwrap();
        }
        for (typed, name) in [
            (r"BASE/it\'s\ here.txt", "it's here.txt"),
            (r"'BASE/it'\''s here.txt'", "it's here.txt"),
            (r#""BASE/it's here.txt""#, "it's here.txt"),
            ("BASE/it's here.txt", "it's here.txt"),
            ("file://BASE/it%27s%20here.txt", "it's here.txt"),
            ("file://localhostBASE/it's%20here.txt", "it's here.txt"),
            ("file://BASE/100%25%20&%20more.txt", "100% & more.txt"),
            (r"BASE/100%\ \&\ more.txt", "100% & more.txt"),
            ("file://BASE/na%C3%AFve.txt", "na\u{ef}ve.txt"),
            (r"BASE/back\slash.txt", r"back\slash.txt"),
            (r"BASE/back\\slash.txt", r"back\slash.txt"),
            ("'BASE/plain.txt' ", "plain.txt"),
        ] {
            let typed = typed.replace("BASE", &base);
            let path = dir.path().join(name);
            assert_eq!(path_and_text(&typed), (path.clone(), String::new()), "{typed}");
            let with_text = format!("{} look, it's \"it\"", typed.trim_end());
            assert_eq!(path_and_text(&with_text), (path, "look, it's \"it\"".to_owned()), "{with_text}");
        }
        // A missing file keeps its intended name. A file on another computer is not this computer's.
        assert_eq!(path_and_text(r"/no/such\ file.txt").0, PathBuf::from("/no/such file.txt"));
        assert_eq!(path_and_text("file://else/etc/passwd").0, PathBuf::from("file://else/etc/passwd"));
        assert_eq!(path_and_text("").0, PathBuf::new());
    }
}
