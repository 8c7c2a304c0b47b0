//! Every file says what it is for, and is short enough to be read at once.

use std::path::Path;

use super::tree;

/// Most lines of a file. About 120 is usual, and 300 is a question.
const LINES: usize = 500;

/// Answers what is wrong, a line each.
pub(super) fn check(root: &Path) -> Result<Vec<String>, String> {
    let mut wrong = Vec::new();
    for path in tree::rust_files(&root.join("crates"))? {
        let shown = path.strip_prefix(root).unwrap_or(&path).display().to_string();
        wrong.extend(faults(&tree::read(&path)?).map(|fault| format!("{shown}: {fault}")));
    }
    Ok(wrong)
}

fn faults(text: &str) -> impl Iterator<Item = String> {
    let lines = text.lines().count();
    let is_long = lines > LINES;
    // The tests beside a module belong to what it says.
    let is_tests = text.contains("use super::*;") && text.contains("#[test]");
    let says = is_tests || text.trim_start_matches("#![").starts_with("//!");
    let long = is_long.then(|| format!("{lines} lines, and {LINES} are the most"));
    let silent = (!says).then(|| "does not say what it is for in //! at its head".to_owned());
    long.into_iter().chain(silent)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_and_silent_files_are_found() {
        assert_eq!(faults("//! Something.\nfn main() {}\n").count(), 0);
        assert_eq!(faults("fn main() {}\n").count(), 1);
        assert_eq!(faults("use super::*;\n#[test]\nfn a() {}").count(), 0);
        let long = format!("//! Something.\n{}", "\n".repeat(LINES));
        assert!(faults(&long).next().is_some_and(|fault| fault.contains("501 lines")));
    }
}
