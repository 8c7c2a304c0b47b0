//! Checks what the compiler does not.

mod catalogue;
mod files;
mod layers;
mod licences;
mod manifests;
mod programs;
mod tree;

use std::path::Path;
use std::process::Command;

use crate::{cargo, say};

/// Runs every check and prints what is wrong. Returns whether nothing is.
pub(crate) fn run() -> Result<bool, String> {
    let root = tree::root();
    let mut wrong = quick(&root)?;
    wrong.extend(licences::check(&root)?);
    wrong.extend(programs::check(&root)?);
    for line in &wrong {
        say(line);
    }
    let documented = Command::new(cargo())
        .args(["doc", "--workspace", "--no-deps", "--quiet", "--document-private-items"])
        .env("RUSTDOCFLAGS", "-D warnings")
        .status()
        .map_err(|e| format!("cargo cannot be run: {e}"))?;
    Ok(wrong.is_empty() && documented.success())
}

/// Runs the checks that only read the tree.
fn quick(root: &Path) -> Result<Vec<String>, String> {
    let mut wrong = files::check(root)?;
    wrong.extend(layers::check(root)?);
    wrong.extend(manifests::check(root)?);
    wrong.extend(catalogue::check(root)?);
    Ok(wrong)
}

#[cfg(test)]
mod tests {
    use super::{quick, tree};

    #[test]
    fn the_tree_is_tidy() {
        let wrong = quick(&tree::root()).unwrap();
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }
}
