//! The project's own tasks.
//!
//! `cargo xtask test` installs through the system's packages what the tests need beside Rust, and runs every
//! test of the workspace, `crates/e2e` included. It ends with the sum of all test programs' results.
//!
//! `cargo xtask chaos --cycles N --seed S` crashes a chat-server N times under load and looks for everything that it
//! acknowledged (`testbed::chaos`).

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, ExitCode, Stdio};

/// What the tests need beside Rust: the program to look for, and the Debian package that has it.
const NEEDED: &[(&str, &str)] =
    &[("chromium", "chromium"), ("chromedriver", "chromium-driver"), ("tmux", "tmux")];

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let done = match args.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["test", rest @ ..] => install().and_then(|()| test(rest)),
        ["chaos", rest @ ..] => Chaos::read(rest).and_then(|chaos| chaos.run()),
        _ => Err("usage: cargo xtask test [ARGUMENTS OF cargo test]\n       cargo xtask chaos [--cycles N] [--seed S] [--release]"
            .to_owned()),
    };
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(why) => {
            say(&why);
            ExitCode::FAILURE
        }
    }
}

fn say(line: &str) {
    // Nobody to tell is no reason to stop.
    let _ = writeln!(std::io::stdout(), "{line}");
}

/// Installs what is missing.
fn install() -> Result<(), String> {
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
    // Who is root needs no sudo, and a bare machine may have none.
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

/// Runs every test, passes on what is printed, and adds up the results. Tells whether all passed.
fn test(args: &[&str]) -> Result<bool, String> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut running = Command::new(cargo)
        .args(["test", "--workspace", "--no-fail-fast"])
        .args(args)
        .stdout(Stdio::piped())
        .spawn()
        .map_err(|e| format!("cargo cannot be run: {e}"))?;
    let (mut passed, mut failed) = (0, 0);
    for line in running.stdout.take().into_iter().flat_map(|out| BufReader::new(out).lines()) {
        let line = line.map_err(|e| format!("what the tests print cannot be read: {e}"))?;
        passed += count(&line, " passed");
        failed += count(&line, " failed");
        say(&line);
    }
    let status = running.wait().map_err(|e| format!("cargo test was lost: {e}"))?;
    say(&format!("{passed} passed, {failed} failed"));
    Ok(status.success())
}

/// What `chaos` is to do.
#[derive(Debug, PartialEq, Eq)]
struct Chaos {
    cycles: u64,
    seed: u64,
    is_release: bool,
}

impl Chaos {
    fn read(args: &[&str]) -> Result<Self, String> {
        let mut chaos = Self { cycles: 100, seed: 1, is_release: false };
        let mut rest = args.iter();
        while let Some(option) = rest.next() {
            let mut number = || {
                let value = rest.next().and_then(|value| value.parse().ok());
                value.ok_or_else(|| format!("{option} needs a number"))
            };
            match *option {
                "--cycles" => chaos.cycles = number()?,
                "--seed" => chaos.seed = number()?,
                "--release" => chaos.is_release = true,
                other => return Err(format!("chaos has no option {other}")),
            }
        }
        Ok(chaos)
    }

    /// Builds the server and the program that crashes it, and runs that. Tells whether nothing was violated.
    fn run(&self) -> Result<bool, String> {
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let profile = if self.is_release { "release" } else { "dev" };
        let status = Command::new(cargo)
            .args(["build", "--quiet", "--profile", profile, "-p", "chat-server", "-p", "testbed", "--bins"])
            .status()
            .map_err(|e| format!("cargo cannot be run: {e}"))?;
        if !status.success() {
            return Err("the server cannot be built".to_owned());
        }
        // This program is in the target folder too, in the folder of a profile.
        let me = std::env::current_exe().map_err(|e| format!("the target folder cannot be found: {e}"))?;
        let target = me.ancestors().nth(2).unwrap_or(Path::new("target"));
        let built = target.join(if self.is_release { "release" } else { "debug" });
        let status = Command::new(built.join("chaos"))
            .arg(built.join("chat-server"))
            .args([self.cycles.to_string(), self.seed.to_string()])
            .status()
            .map_err(|e| format!("{} cannot be run: {e}", built.join("chaos").display()))?;
        Ok(status.success())
    }
}

/// The number before `what` in a test program's result line.
fn count(line: &str, what: &str) -> u64 {
    let result = line.strip_prefix("test result: ").and_then(|rest| rest.split(what).next());
    result.and_then(|before| before.rsplit(' ').next()?.parse().ok()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::{Chaos, count};

    #[test]
    fn results_are_counted() {
        let line = "test result: FAILED. 54 passed; 4 failed; 0 ignored; 0 measured; 0 filtered out; finished in 40.60s";
        assert_eq!((count(line, " passed"), count(line, " failed")), (54, 4));
        assert_eq!(count("test joining ... ok", " passed"), 0);
    }

    #[test]
    fn chaos_takes_its_options_in_any_order() {
        let expected = Chaos { cycles: 7, seed: 3, is_release: true };
        assert_eq!(Chaos::read(&["--seed", "3", "--release", "--cycles", "7"]), Ok(expected));
        assert!(Chaos::read(&["--cycles"]).is_err());
        assert!(Chaos::read(&["--loud"]).is_err());
    }
}
