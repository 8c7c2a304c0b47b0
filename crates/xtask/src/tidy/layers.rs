//! Modules must only import those before them. The order is the list of names in backticks in the crate's
//! description, from the word "modules" on: there is one list, which both people and this check read.

use std::path::Path;

use super::tree;

/// Returns what is wrong, one line for each fault.
pub(super) fn check(root: &Path) -> Result<Vec<String>, String> {
    let mut wrong = Vec::new();
    for krate in tree::crates(root)? {
        let source = krate.join("src");
        let fronts = ["lib.rs", "main.rs"].map(|name| source.join(name));
        let Some(front) = fronts.iter().find(|path| path.is_file()) else { continue };
        let name = krate.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let order = order(&tree::read(front)?);
        for path in tree::rust_files(&source)? {
            let inside = path.strip_prefix(&source).unwrap_or(&path);
            let first = inside.iter().next().unwrap_or_default().to_string_lossy();
            let module = first.trim_end_matches(".rs");
            if !matches!(module, "lib" | "main" | "bin") {
                let faults = faults(&order, module, &tree::read(&path)?);
                wrong
                    .extend(faults.into_iter().map(|fault| format!("{name}: {}: {fault}", inside.display())));
            }
        }
    }
    Ok(wrong)
}

/// Returns the modules in order.
fn order(front: &str) -> Vec<String> {
    let description: Vec<&str> = front.lines().take_while(|line| line.starts_with("//!")).collect();
    let description = description.join("\n");
    let list = description.to_lowercase().find("modules").map_or("", |at| &description[at..]);
    let names = list.split('`').skip(1).step_by(2).map(|name| name.trim_start_matches("mod@"));
    names.filter(|name| is_module(name)).map(str::to_owned).collect()
}

fn is_module(name: &str) -> bool {
    !name.is_empty() && name.chars().all(|c| c.is_ascii_lowercase() || c == '_')
}

/// Returns what a file of `module` imports against the order.
fn faults(order: &[String], module: &str, text: &str) -> Vec<String> {
    let place = |name: &str| order.iter().position(|listed| listed == name);
    let Some(own) = place(module) else {
        return vec![format!("{module} is not in the list of modules at the head of the crate")];
    };
    let later = |used: &String| place(used).is_some_and(|place| place > own);
    imports(text).filter(later).map(|used| format!("imports {used}, which comes after {module}")).collect()
}

/// Returns the modules that a file names after `crate::`.
fn imports(text: &str) -> impl Iterator<Item = String> {
    let code = text.lines().filter(|line| !line.trim_start().starts_with("//"));
    let code = code.collect::<Vec<_>>().join(" ");
    let mut found = Vec::new();
    for rest in code.split("crate::").skip(1) {
        let names = match rest.strip_prefix('{') {
            Some(group) => group.split('}').next().unwrap_or_default(),
            None => rest.split(|c: char| !is_word(c)).next().unwrap_or_default(),
        };
        let first =
            |part: &str| part.trim().split(|c: char| !is_word(c)).next().unwrap_or_default().to_owned();
        found.extend(names.split(',').map(first).filter(|name| is_module(name)));
    }
    found.into_iter()
}

fn is_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}

#[cfg(test)]
mod tests {
    use super::*;

    const FRONT: &str = "//! A crate with `code`.\n//!\n//! Modules in order: [`mod@leaf`], `middle`,\n//! [`top`].\nmod leaf;";

    #[test]
    fn an_import_of_a_later_module_is_found() {
        let order = order(FRONT);
        assert_eq!(order, ["leaf", "middle", "top"]);
        assert_eq!(faults(&order, "middle", "use crate::leaf::Leaf;\n// crate::top\n"), [""; 0]);
        assert_eq!(faults(&order, "middle", "use crate::{leaf, top::Top};").len(), 1);
        assert_eq!(faults(&order, "leaf", "fn f() { crate::middle::g() }").len(), 1);
        assert!(faults(&order, "other", "")[0].contains("not in the list"));
    }
}
