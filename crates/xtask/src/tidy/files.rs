//! Every file must say what it is for, and be short enough to be read in one go.

use std::path::Path;

use super::tree;

/// The maximum number of lines of a file. About 120 is usual, and 300 is a question.
const LINES: usize = 500;

/// Returns what is wrong, one line for each fault.
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
    // A module's tests in a separate file are covered by the module's description.
    let is_tests = text.contains("use super::*;") && text.contains("#[test]");
    let says = is_tests || text.trim_start_matches("#![").starts_with("//!");
    let long = is_long.then(|| format!("has {lines} lines, and the limit is {LINES}"));
    let silent = (!says).then(|| "has no //! comment at its head that says what it is for".to_owned());
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
