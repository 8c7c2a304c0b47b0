//! The page's modules outside a browser: `tsc` checks their types, and node runs their unit tests.

use std::path::{Path, PathBuf};
use std::process::Command;

/// Returns the folder of the crate that contains the page.
fn page() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../chat-page")
}

/// Runs a program and returns its output. Fails if the program does.
fn run(command: &mut Command, package: &str) -> String {
    let name = command.get_program().to_string_lossy().into_owned();
    let output = command.output().unwrap_or_else(|e| {
        panic!("{name} cannot be started ({e}): run `cargo xtask test`, or apt-get install {package}")
    });
    let printed = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{name}: {printed}{}", String::from_utf8_lossy(&output.stderr));
    printed
}

fn tsc(project: &Path) -> String {
    run(Command::new("tsc").args(["--pretty", "false", "--project"]).arg(project), "node-typescript")
}

#[test]
fn the_modules_have_the_types_that_they_say() {
    // tsc succeeds if it finds nothing to check, so it also lists what it checked.
    let listed = tsc(&page());
    assert_eq!(listed, "");
    let files =
        run(Command::new("tsc").args(["--listFilesOnly", "--project"]).arg(page()), "node-typescript");
    for path in chat_page::paths().filter(|path| path.ends_with(".js")) {
        assert!(files.lines().any(|file| file.ends_with(&format!("/web/{path}"))), "{path} is not checked");
    }
}

#[test]
fn the_modules_pass_their_unit_tests() {
    let folder = page().join("tests/unit");
    let entries = folder.read_dir().unwrap().map(|entry| entry.unwrap().path());
    let tests: Vec<PathBuf> = entries.filter(|path| path.to_string_lossy().ends_with(".test.js")).collect();
    let printed = run(Command::new("node").args(["--test", "--test-reporter=tap"]).args(&tests), "nodejs");
    let passed = printed.lines().find_map(|line| line.strip_prefix("# pass ")?.parse::<usize>().ok());
    // Each file has at least one test, and none was skipped.
    assert!(tests.len() > 20 && passed >= Some(tests.len()), "{printed}");
}

#[test]
fn the_types_of_frames_fit_every_example_of_the_protocol() {
    let text = std::fs::read_to_string(page().join("../../docs/PROTOCOL.md")).unwrap();
    let frames: Vec<&str> = text
        .split("```json\n")
        .skip(1)
        .filter_map(|rest| rest.split("\n```").next())
        .filter(|block| block.starts_with("{\"type\""))
        .collect();
    assert!(frames.len() > 70, "{}", frames.len());
    let folder = tempfile::tempdir().unwrap();
    let calls: Vec<String> = frames.iter().map(|frame| format!("take({frame});")).collect();
    let source = format!(
        "declare function take(frame: wire.ClientFrame | wire.ServerFrame): void;\n{}\n",
        calls.join("\n")
    );
    std::fs::write(folder.path().join("frames.ts"), source).unwrap();
    let project = format!(
        r#"{{"extends": "{0}/tsconfig.json", "include": ["frames.ts", "{0}/types"]}}"#,
        page().canonicalize().unwrap().display()
    );
    std::fs::write(folder.path().join("tsconfig.json"), project).unwrap();
    assert_eq!(tsc(folder.path()), "");
}
