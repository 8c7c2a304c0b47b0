//! `chaos BINARY CYCLES SEED`: crash cycles of a chat-server, as `cargo xtask chaos` runs them.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "it is a program for people who test")]

use std::path::Path;
use std::process::ExitCode;

use testbed::chaos::{Plan, run};

#[tokio::main]
async fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let (Some(binary), Some(Ok(cycles)), Some(Ok(seed))) =
        (args.first(), args.get(1).map(|n| n.parse()), args.get(2).map(|n| n.parse()))
    else {
        eprintln!("usage: chaos BINARY CYCLES SEED");
        return ExitCode::FAILURE;
    };
    let report = run(Path::new(binary), Plan { cycles, seed, disk_lies: false }).await;
    println!("{report}seed {seed}");
    if report.failures() == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
