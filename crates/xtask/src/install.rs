//! Installs what the tests need besides Rust, with the system's package manager.

use std::path::Path;
use std::process::{Command, Stdio};

use crate::say;

/// What the tests need besides Rust: the program to look for, and the Debian package that contains it.
const NEEDED: &[(&str, &str)] = &[
    ("chromium", "chromium"),
    ("chromedriver", "chromium-driver"),
    ("node", "nodejs"),
    ("tmux", "tmux"),
    ("tsc", "node-typescript"),
];

/// Installs missing packages.
pub(crate) fn install() -> Result<(), String> {
    let is_there = |program: &str| {
        let path = std::env::var_os("PATH").unwrap_or_default();
        std::env::split_paths(&path).any(|folder| folder.join(program).is_file())
    };
    let packages: Vec<&str> =
        NEEDED.iter().filter(|(program, _)| !is_there(program)).map(|(_, package)| *package).collect();
    if packages.is_empty() {
        return Ok(());
    }
    say(&format!("installing {}", packages.join(", ")));
    apt(&["update", "-q"])?;
    apt(&[&["install", "-q", "-y", "--no-install-recommends"], packages.as_slice()].concat())
        .map_err(|why| format!("{why}\nInstall these packages by hand and try again: {}", packages.join(" ")))
}

fn apt(args: &[&str]) -> Result<(), String> {
    // Root needs no sudo, and a minimal system may not have it.
    let root = Path::new("/root").read_dir().is_ok();
    let mut command = Command::new(if root { "apt-get" } else { "sudo" });
    if !root {
        command.arg("apt-get");
    }
    let status = command.args(args).env("DEBIAN_FRONTEND", "noninteractive").stdin(Stdio::null()).status();
    match status {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(format!("apt-get {} failed: {status}", args.join(" "))),
        Err(e) => Err(format!("apt-get cannot be run: {e}")),
    }
}
