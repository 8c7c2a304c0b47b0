//! A library that the server and the terminal client share must have the same features in both, so that it is
//! compiled once.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;

use crate::cargo;

/// The programs that a person builds one after another. What the first build compiled, the second must not compile
/// again.
const PROGRAMS: [&str; 2] = ["chat-server", "chat-tui"];

/// Each package, with the sets of features that it is built with.
type Built = BTreeMap<String, BTreeSet<String>>;

/// Returns what is wrong, one line for each fault.
pub(super) fn check(root: &Path) -> Result<Vec<String>, String> {
    let [one, other] = PROGRAMS.map(|program| tree(root, program));
    Ok(differences(&one?, &other?))
}

fn tree(root: &Path, program: &str) -> Result<Built, String> {
    let format = ["--format", "{p}|{f}", "--prefix", "none", "--no-dedupe"];
    let output = Command::new(cargo())
        .args(["tree", "--locked", "--package", program, "--edges", "normal,build"])
        .args(format)
        .current_dir(root)
        .output()
        .map_err(|e| format!("cargo cannot be run: {e}"))?;
    if !output.status.success() {
        return Err(format!("cargo tree: {}", String::from_utf8_lossy(&output.stderr)));
    }
    Ok(read(&String::from_utf8_lossy(&output.stdout)))
}

fn read(tree: &str) -> Built {
    let mut built = Built::new();
    for (package, features) in tree.lines().filter_map(|line| line.split_once('|')) {
        built.entry(package.to_owned()).or_default().insert(features.to_owned());
    }
    built
}

fn differences(one: &Built, other: &Built) -> Vec<String> {
    let differ = |(package, features): (&String, &BTreeSet<String>)| {
        let others = other.get(package).filter(|others| !others.is_subset(features))?;
        let (here, there) = (all(features), all(others));
        let missing: Vec<_> = here.symmetric_difference(&there).copied().collect();
        let package = package.split(" (").next().unwrap_or_default();
        let programs = PROGRAMS.join(" and ");
        Some(format!("{package} is compiled twice, as {programs} differ in {missing:?}: see crates/features"))
    };
    one.iter().filter_map(differ).collect()
}

fn all(sets: &BTreeSet<String>) -> BTreeSet<&str> {
    sets.iter().flat_map(|set| set.split(',')).filter(|feature| !feature.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_feature_that_only_one_program_asks_for_is_found() {
        let one = read("log v0.4.1|std\nlog v0.4.1|\ntokio v1.0.0|fs,net\nonly v1.0.0|x\n");
        let other = read("log v0.4.1|std\ntokio v1.0.0|net\n");
        let found = differences(&one, &other);
        assert_eq!(found.len(), 1);
        assert!(found[0].contains("tokio v1.0.0") && found[0].contains("[\"fs\"]"), "{found:?}");
        assert_eq!(differences(&one, &one), [""; 0]);
    }
}
