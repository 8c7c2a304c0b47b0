//! `just bench-count`: counts how many instructions the server needs for its most frequent operations, and compares
//! that with [`figures`]. The counts do not depend on the clock or on other programs, so that a change of a few per
//! cent shows.
//!
//! Each case runs in its own process under `valgrind --tool=callgrind`, which counts from [`marks::begin`] to
//! [`marks::end`], in all threads, without the kernel.

mod append;
mod cases;
mod figures;
mod marks;
mod report;
mod sockets;
mod valgrind;

use std::process::ExitCode;

use anyhow::Context;

use self::cases::CASES;
use self::figures::Figures;

/// The flag with which the program calls itself under valgrind.
const CASE: &str = "--case";

fn main() -> ExitCode {
    // Cargo adds `--bench`.
    let args: Vec<String> = std::env::args().skip(1).filter(|arg| arg != "--bench").collect();
    let done = match args.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        [] => measure().and_then(|measured| report::compare(&Figures::read()?, &measured)),
        ["--write"] => measure().and_then(|measured| report::write(&measured)),
        [CASE, name] => cases::run(name).map(|()| true),
        _ => Err(anyhow::anyhow!("usage: just bench-count [--write]")),
    };
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(why) => {
            report::say(&format!("{why:#}"));
            ExitCode::FAILURE
        }
    }
}

/// Counts the instructions of every case.
fn measure() -> anyhow::Result<Vec<(&'static str, u64)>> {
    valgrind::look_for()?;
    let counted = |case: &cases::Case| {
        let count = valgrind::count(&[CASE, case.name]).with_context(|| case.name.to_owned())?;
        Ok((case.name, count))
    };
    CASES.iter().map(counted).collect()
}
