//! The structure of the page's modules: layers, short files, nothing unused.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use std::collections::BTreeMap;

/// The layers from the bottom up, each with the layers that its modules may import, including itself. A module at the
/// top of the folder belongs to the layer "".
const LAYERS: &[(&str, &[&str])] = &[
    ("model", &["model"]),
    ("net", &["model", "net"]),
    ("actions", &["model", "net", "actions"]),
    ("views", &["model", "net", "views"]),
    ("wiring", &["model", "net", "actions", "views", "wiring"]),
    ("", &["model", "net", "actions", "views", "wiring"]),
];

/// Every module has fewer lines than this.
const LINES: usize = 150;

/// Returns the text of every module, by its path.
fn modules() -> BTreeMap<String, String> {
    let scripts = chat_page::paths().filter(|path| path.ends_with(".js"));
    let text = |path: &str| String::from_utf8(chat_page::file(path).unwrap().content.into_owned()).unwrap();
    scripts.map(|path| (path.clone().into_owned(), text(&path))).collect()
}

/// Returns the paths that a module imports. An `import(…)` in a comment names a type and loads nothing.
fn imports(path: &str, text: &str) -> Vec<String> {
    let statements = text.lines().filter(|line| line.starts_with("import "));
    let named = statements.map(|line| line.split('"').nth(1).unwrap_or_else(|| panic!("{path}: {line}")));
    named.map(|name| resolve(path, name)).collect()
}

/// Returns the path that `name` refers to in the module at `path`.
fn resolve(path: &str, name: &str) -> String {
    let mut parts: Vec<&str> = path.split('/').collect();
    parts.pop();
    for part in name.split('/') {
        match part {
            "." => {}
            ".." => assert!(parts.pop().is_some(), "{path} imports {name}, out of the folder"),
            part => parts.push(part),
        }
    }
    parts.join("/")
}

fn layer(path: &str) -> &str {
    path.split_once('/').map_or("", |(folder, _)| folder)
}

#[test]
fn modules_import_only_what_their_layer_may() {
    for (path, text) in modules() {
        let (_, allowed) = LAYERS
            .iter()
            .find(|(name, _)| *name == layer(&path))
            .unwrap_or_else(|| panic!("{path} is in no layer"));
        for import in imports(&path, &text) {
            assert!(allowed.contains(&layer(&import)), "{path} imports {import}");
            assert!(chat_page::file(&import).is_some(), "{path} imports {import}, which is not there");
        }
    }
}

#[test]
fn no_module_imports_itself_through_others() {
    let imported: BTreeMap<String, Vec<String>> =
        modules().iter().map(|(path, text)| (path.clone(), imports(path, text))).collect();
    let mut left = imported.clone();
    // Removes modules that import nothing that is left, until nothing changes.
    loop {
        let before = left.len();
        let names: Vec<String> = left.keys().cloned().collect();
        left.retain(|_, imports| imports.iter().any(|import| names.contains(import)));
        if left.len() == before {
            break;
        }
    }
    assert!(left.is_empty(), "in a circle: {:?}", left.keys());
    assert!(imported.len() > 50, "{}", imported.len());
}

#[test]
fn every_module_is_loaded() {
    let modules = modules();
    let mut found = vec!["app.js".to_owned()];
    let mut at = 0;
    while at < found.len() {
        for import in imports(&found[at], &modules[&found[at]]) {
            if !found.contains(&import) {
                found.push(import);
            }
        }
        at += 1;
    }
    let forgotten: Vec<_> = modules.keys().filter(|path| !found.contains(path)).collect();
    assert!(forgotten.is_empty(), "nothing imports {forgotten:?}");
}

#[test]
fn modules_are_short_and_say_what_they_are() {
    for (path, text) in modules() {
        assert!(text.starts_with("// "), "{path} begins without a sentence about it");
        let lines = text.lines().count();
        assert!(lines < LINES, "{path} has {lines} lines");
    }
}

#[test]
fn the_model_knows_no_browser_and_no_clock() {
    for (path, text) in modules().iter().filter(|(path, _)| layer(path) == "model") {
        let code = text.lines().filter(|line| !line.trim_start().starts_with(['/', '*']));
        for word in
            ["document.", "window", "localStorage", "fetch(", "setTimeout", "WebSocket", "Date.now", "crypto"]
        {
            assert!(!code.clone().any(|line| line.contains(word)), "{path} uses {word}");
        }
    }
}
