//! A test that is named after an attack, such as `ws_09_…`, must find its code in `docs/SECURITY.md`.

use std::collections::BTreeSet;
use std::path::Path;

use super::tree;

/// The prefixes of codes.
const KINDS: [&str; 13] =
    ["ws", "auth", "az", "name", "hdr", "time", "mod", "log", "dos", "ssrf", "up", "xss", "term"];

/// Returns what is wrong, one line for each fault.
pub(super) fn check(root: &Path) -> Result<Vec<String>, String> {
    let known = listed(&tree::read(&root.join("docs/SECURITY.md"))?);
    let mut wrong = Vec::new();
    for path in tree::rust_files(&root.join("crates"))? {
        for code in tree::read(&path)?.lines().filter_map(test_name).flat_map(codes) {
            if !known.contains(&code) {
                let shown = path.strip_prefix(root).unwrap_or(&path).display();
                wrong.push(format!(
                    "{shown}: a test is named after {code}, which docs/SECURITY.md does not list"
                ));
            }
        }
    }
    Ok(wrong)
}

fn test_name(line: &str) -> Option<&str> {
    let line = line.trim_start();
    let rest = line.strip_prefix("fn ").or_else(|| line.strip_prefix("async fn "))?;
    rest.split('(').next()
}

/// Returns the codes at the beginning of a test's name.
fn codes(name: &str) -> Vec<String> {
    let words: Vec<&str> = name.split('_').collect();
    let pairs = words.windows(2).filter(|pair| KINDS.contains(&pair[0]) && is_number(pair[1]));
    pairs.map(|pair| format!("{}-{}", pair[0].to_uppercase(), &pair[1][..2])).collect()
}

/// Whether a word is a number of two digits, optionally with a letter.
fn is_number(word: &str) -> bool {
    matches!(word.as_bytes(), [b'0'..=b'9', b'0'..=b'9'] | [b'0'..=b'9', b'0'..=b'9', b'a'..=b'z'])
}

/// Returns the codes that a document lists in tables, including ranges.
fn listed(document: &str) -> BTreeSet<String> {
    let mut listed = BTreeSet::new();
    for cell in document.lines().filter_map(|line| line.strip_prefix("| ")?.split(" |").next()) {
        let codes: Vec<&str> = cell.split([' ', ',']).filter(|word| word.contains('-')).collect();
        listed.extend(codes.iter().map(|code| (*code).to_owned()));
        if let (true, [from, to]) = (cell.contains(" to "), codes.as_slice())
            && let (Some((kind, from)), Some((_, to))) = (from.split_once('-'), to.split_once('-'))
            && let (Ok(from), Ok(to)) = (from.parse::<u32>(), to.parse::<u32>())
        {
            listed.extend((from..=to).map(|n| format!("{kind}-{n:02}")));
        }
    }
    listed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_read_from_names_and_tables() {
        assert_eq!(codes("az_05_up_09_files_are_read"), ["AZ-05", "UP-09"]);
        assert_eq!(codes("auth_01b_under_dns_rebinding"), ["AUTH-01"]);
        assert_eq!(codes("a_page_of_50_messages"), [""; 0]);
        let known = listed("| code | attack |\n| WS-01, WS-03 | x |\n| TERM-01 to TERM-03 | y |\n");
        let expected = ["TERM-01", "TERM-02", "TERM-03", "WS-01", "WS-03"].map(str::to_owned);
        assert_eq!(known, BTreeSet::from(expected));
    }
}
