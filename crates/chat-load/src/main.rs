//! Measures a chat server on this machine, scenario by scenario, compares it with a minimal relay, and checks the server's
//! promises. It starts everything that it measures on loopback and in temporary folders.
//!
//! Modules in order; each imports only those before it: `conn`, `frame`, `flights`, `progress`, `load`, `commits`, `relay`,
//! `process`, `report`, `verify`, `scenario`.

mod commits;
mod conn;
mod flights;
mod frame;
mod load;
mod process;
mod progress;
mod relay;
mod report;
mod scenario;
mod verify;

use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::{Parser, Subcommand};

use crate::process::Cores;
use crate::report::Report;
use crate::scenario::{Scale, Scenario};

/// The marks around the table in a document.
const BEGIN: &str = "<!-- table: begin -->\n";
const END: &str = "<!-- table: end -->\n";

/// The flags.
#[derive(Debug, Parser)]
#[command(version, about)]
struct Flags {
    /// What to measure, in this order. Without it, everything but the soak.
    scenarios: Vec<Scenario>,
    /// The server's program. Without it, the one in the folder of this program.
    #[arg(long)]
    server: Option<PathBuf>,
    /// How often to measure everything. The table has the medians.
    #[arg(long, default_value_t = 1)]
    runs: usize,
    /// How long to measure each rate, in seconds.
    #[arg(long, default_value_t = 3.0)]
    seconds: f64,
    /// Number of receivers in the room (`fanout`).
    #[arg(long, default_value_t = 1000)]
    receivers: usize,
    /// Number of rooms of ten (`rooms`).
    #[arg(long, default_value_t = 100)]
    rooms: usize,
    /// Number of idle or reconnecting connections (`idle`, `storm`).
    #[arg(long, default_value_t = 10_000)]
    connections: usize,
    /// Number of messages in the large database (`history`).
    #[arg(long, default_value_t = 10_000_000)]
    messages: u64,
    /// How long the soak takes, in minutes.
    #[arg(long, default_value_t = 30.0)]
    minutes: f64,
    /// Which cores run what.
    #[arg(long, value_enum, default_value_t = Cores::Apart)]
    cores: Cores,
    /// The folder for the databases. Without it, the system's temporary folder.
    #[arg(long)]
    dir: Option<PathBuf>,
    /// Print the results as JSON.
    #[arg(long)]
    json: bool,
    /// Also write the table into this document, between its markers.
    #[arg(long)]
    write: Option<PathBuf>,
    #[command(subcommand)]
    other: Option<Other>,
}

#[derive(Debug, Subcommand)]
enum Other {
    /// Serves as the floor: a relay that parses and keeps nothing.
    #[command(hide = true)]
    Relay {
        /// How it sends.
        how: relay::How,
    },
}

fn main() -> anyhow::Result<()> {
    let flags = Flags::parse();
    if let Some(Other::Relay { how }) = flags.other {
        return relay::run(how);
    }
    let program = match &flags.server {
        Some(program) => program.clone(),
        None => std::env::current_exe()?.with_file_name("chat-server"),
    };
    let scale = Scale {
        program,
        dir: flags.dir.unwrap_or_else(std::env::temp_dir),
        seconds: flags.seconds,
        receivers: flags.receivers,
        rooms: flags.rooms,
        connections: flags.connections,
        messages: flags.messages,
        minutes: flags.minutes,
        cores: flags.cores,
    };
    let scenarios = if flags.scenarios.is_empty() { Scenario::USUAL.to_vec() } else { flags.scenarios };
    // There are thousands of connections at either end. The server inherits this limit.
    let mut files = rustix::process::getrlimit(rustix::process::Resource::Nofile);
    files.current = files.maximum;
    rustix::process::setrlimit(rustix::process::Resource::Nofile, files)?;
    let mut report = Report::default();
    for run in 0..flags.runs {
        for scenario in scenarios.iter().filter(|scenario| run == 0 || scenario.is_repeated()) {
            report.scenario(scenario.name());
            scenario
                .run(&scale, &mut report)
                .with_context(|| format!("{}, run {}", scenario.name(), run + 1))?;
        }
    }
    if let Some(document) = &flags.write {
        write_into(document, &report.table())?;
    }
    let said = if flags.json { serde_json::to_string_pretty(&report)? + "\n" } else { report.table() };
    std::io::stdout().write_all(said.as_bytes())?;
    Ok(())
}

/// Replaces the table in a document.
fn write_into(document: &Path, table: &str) -> anyhow::Result<()> {
    let text = std::fs::read_to_string(document)
        .with_context(|| format!("{} cannot be read", document.display()))?;
    let marks = || format!("{} has no marks for the table", document.display());
    let (before, rest) = text.split_once(BEGIN).with_context(marks)?;
    let (_, after) = rest.split_once(END).with_context(marks)?;
    Ok(std::fs::write(document, format!("{before}{BEGIN}{table}{END}{after}"))?)
}
