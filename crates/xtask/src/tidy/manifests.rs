//! Crates must agree on what they share: a dependency of more than one crate is in the workspace, with one version
//! and one set of features. Otherwise building one program after the other compiles it twice.

use std::collections::BTreeMap;
use std::path::Path;

use toml::{Table, Value};

use super::tree;

/// Returns what is wrong, one line for each fault.
pub(super) fn check(root: &Path) -> Result<Vec<String>, String> {
    let mut users: BTreeMap<String, Vec<(String, bool, bool)>> = BTreeMap::new();
    for krate in tree::crates(root)? {
        let name = krate.file_name().unwrap_or_default().to_string_lossy().into_owned();
        // This crate exists to enable more features.
        if name == "features" {
            continue;
        }
        let manifest: Table = parse(&krate.join("Cargo.toml"))?;
        for section in ["dependencies", "dev-dependencies"] {
            for (dependency, how) in manifest.get(section).and_then(Value::as_table).into_iter().flatten() {
                let used = (name.clone(), is_shared(how), has_features(how) && section == "dependencies");
                users.entry(dependency.clone()).or_default().push(used);
            }
        }
    }
    let mut wrong = Vec::new();
    for (dependency, users) in users {
        for (user, is_shared, has_features) in &users {
            let others = users.iter().any(|(other, ..)| other != user);
            if others && !is_shared {
                wrong.push(format!(
                    "{user}: {dependency} is used by other crates too: take it from the workspace"
                ));
            }
            if others && *has_features {
                wrong.push(format!(
                    "{user}: name the features of {dependency} in the workspace, for all crates"
                ));
            }
        }
    }
    Ok(wrong)
}

fn parse(path: &Path) -> Result<Table, String> {
    tree::read(path)?.parse().map_err(|e| format!("{} cannot be read: {e}", path.display()))
}

/// Whether a dependency is inherited from the workspace, or is one of its crates.
fn is_shared(how: &Value) -> bool {
    how.as_table().is_some_and(|how| how.contains_key("workspace") || how.contains_key("path"))
}

fn has_features(how: &Value) -> bool {
    how.as_table().is_some_and(|how| how.contains_key("features"))
}
