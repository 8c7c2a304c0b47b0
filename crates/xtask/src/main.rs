//! The project's own tasks.
//!
//! `cargo xtask test` installs what the tests need besides Rust, with the system's package manager, and runs every
//! test of the workspace, including `crates/e2e`. It ends with the sum of all results.
//!
//! `cargo xtask tidy` checks what the compiler does not: that modules only import those before them, that every file
//! says what it is for and is short enough, that crates use the same features of shared libraries, that the
//! documentation builds without warnings, and that every dependency has a licence that we can use.
//!
//! `cargo xtask fuzz [TARGET] [--seconds N] [--seed S]` feeds the parsers mutations of a kept corpus (`chat_fuzz`).
//!
//! `cargo xtask chaos --cycles N --seed S` crashes a chat-server N times under load and checks that it keeps
//! everything it acknowledged (`testbed::chaos`).
//!
//! Modules: `install`, `run_tests`, `chaos`, `fuzz`, `tidy`.

mod chaos;
mod fuzz;
mod install;
mod run_tests;
mod tidy;

use std::ffi::OsString;
use std::io::Write;
use std::process::ExitCode;

use chaos::Chaos;
use fuzz::Fuzz;

/// The usage message.
const USAGE: &str = "usage: cargo xtask test [ARGUMENTS OF cargo test]
           install what the tests need, and run all of them
       cargo xtask tidy
           check layers, file lengths, features, documentation and licences
       cargo xtask fuzz [TARGET] [--seconds N] [--seed S]
           mutate the inputs of the parsers; without TARGET, each for five seconds
       cargo xtask chaos [--cycles N] [--seed S] [--release]
           crash a server N times under load, and look for what it acknowledged";

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let done = match args.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["test", rest @ ..] => install::install().and_then(|()| run_tests::run_tests(rest)),
        ["tidy"] => tidy::run(),
        ["fuzz", rest @ ..] => Fuzz::read(rest).and_then(|fuzz| fuzz.run()),
        ["chaos", rest @ ..] => Chaos::read(rest).and_then(|chaos| chaos.run()),
        _ => Err(USAGE.to_owned()),
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

/// Prints a line. If nobody reads it, the program continues.
fn say(line: &str) {
    let _ = writeln!(std::io::stdout(), "{line}");
}

/// Parses the number that an option takes.
fn number(option: &str, value: Option<&&str>) -> Result<u64, String> {
    value.and_then(|value| value.parse().ok()).ok_or_else(|| format!("{option} needs a number"))
}

/// Returns the cargo that runs this program.
fn cargo() -> OsString {
    std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into())
}
