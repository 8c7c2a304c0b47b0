//! Every dependency must have a licence that `deny.toml` allows. cargo-deny checks the same and more, if it is
//! installed.

use std::path::Path;
use std::process::Command;

use serde_json::Value as Json;
use spdx::{Expression, ParseMode};
use toml::Table;

use super::tree;
use crate::cargo;

/// Returns what is wrong, one line for each fault.
pub(super) fn check(root: &Path) -> Result<Vec<String>, String> {
    let allowed = allowed(&tree::read(&root.join("deny.toml"))?)?;
    let output = Command::new(cargo())
        .args(["metadata", "--format-version=1", "--locked"])
        .current_dir(root)
        .output()
        .map_err(|e| format!("cargo cannot be run: {e}"))?;
    let metadata: Json = serde_json::from_slice(&output.stdout)
        .map_err(|e| format!("cargo metadata: {e}: {}", String::from_utf8_lossy(&output.stderr)))?;
    let packages = metadata["packages"].as_array().into_iter().flatten();
    let foreign = packages.filter(|package| package["source"].is_string());
    let faulty =
        foreign.filter(|package| !is_allowed(package["license"].as_str().unwrap_or_default(), &allowed));
    Ok(faulty.map(|package| format!("{}: its licence is {}", package["name"], package["license"])).collect())
}

fn allowed(deny: &str) -> Result<Vec<String>, String> {
    let deny: Table = deny.parse().map_err(|e| format!("deny.toml cannot be read: {e}"))?;
    let list =
        deny.get("licenses").and_then(|licenses| licenses.get("allow")).and_then(toml::Value::as_array);
    let list = list.ok_or("deny.toml has no licenses.allow")?;
    Ok(list.iter().filter_map(toml::Value::as_str).map(str::to_owned).collect())
}

/// Whether an SPDX expression (ISO/IEC 5962, annex D) can be satisfied by the allowed licences. A `/`, as in old
/// crates, means `OR`.
fn is_allowed(expression: &str, allowed: &[String]) -> bool {
    Expression::parse_mode(expression, ParseMode::LAX)
        .is_ok_and(|expression| expression.evaluate(|licence| allowed.contains(&licence.to_string())))
}

#[cfg(test)]
mod tests {
    use super::is_allowed;

    #[test]
    fn expressions_are_read() {
        let allowed = ["MIT", "Apache-2.0", "Apache-2.0 WITH LLVM-exception"].map(str::to_owned);
        for met in
            ["MIT", "MIT OR GPL-3.0", "MIT/GPL-2.0", "MIT AND Apache-2.0", "(GPL-3.0 OR MIT) AND Apache-2.0"]
        {
            assert!(is_allowed(met, &allowed), "{met}");
        }
        assert!(is_allowed("Apache-2.0 WITH LLVM-exception OR BSL-1.0", &allowed));
        for not in ["", "GPL-3.0", "MIT AND GPL-3.0", "GPL-3.0 OR (MIT AND BSL-1.0)", "MIT MIT", "()"] {
            assert!(!is_allowed(not, &allowed), "{not}");
        }
    }
}
