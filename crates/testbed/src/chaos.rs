//! Crash cycles: a server under mixed load is killed in every way, starts again on the same folder, and must still
//! have everything that it acknowledged or showed.

mod check;
mod ledger;
mod load;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use tempfile::TempDir;

pub use self::ledger::{Ledger, Tally};
use crate::chance::Chance;
use crate::faults::{Fault, Faults, Kind, Loss};
use crate::process::Process;

/// After how many cycles a new folder is used.
const LINEAGE: u64 = 20;

/// The number of clients.
const CLIENTS: usize = 4;

/// How long the load runs if no fault ends it.
const LONGEST: Duration = Duration::from_millis(400);

/// What to run.
#[derive(Clone, Copy, Debug)]
pub struct Plan {
    /// The number of crashes.
    pub cycles: u64,
    /// The seed of the random choices.
    pub seed: u64,
    /// Whether the disk drops data whose sync it acknowledged. The run must then find losses.
    pub disk_lies: bool,
}

/// The result of a run.
#[derive(Debug, Default)]
pub struct Report {
    /// For each check: how often it was made, and how often it failed.
    pub checks: BTreeMap<&'static str, (u64, u64)>,
    /// How the servers ended, by name.
    pub ends: BTreeMap<&'static str, u64>,
    /// The first failures.
    pub violations: Vec<String>,
    /// The number of cycles that ran.
    pub cycles: u64,
    /// The number of acknowledged messages.
    pub acknowledged: u64,
    /// How many writes and names were lost by power losses.
    pub lost_writes: u64,
}

impl Report {
    /// Returns how many checks failed.
    #[must_use]
    pub fn failures(&self) -> u64 {
        self.checks.values().map(|(_, failed)| failed).sum()
    }

    fn take(&mut self, tally: Tally) {
        for (check, (tried, failed)) in tally.checks {
            let sum = self.checks.entry(check).or_default();
            *sum = (sum.0 + tried, sum.1 + failed);
        }
        self.violations.extend(tally.violations);
        self.violations.truncate(50);
    }
}

impl std::fmt::Display for Report {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        writeln!(f, "{:44} {:>10} {:>10}", "check", "tried", "violations")?;
        for (check, (tried, failed)) in &self.checks {
            writeln!(f, "{check:44} {tried:>10} {failed:>10}")?;
        }
        let ends: Vec<String> = self.ends.iter().map(|(end, count)| format!("{end} {count}")).collect();
        writeln!(f, "ends: {}", ends.join(", "))?;
        writeln!(
            f,
            "{} cycles, {} messages acknowledged, {} unsynced writes and names lost",
            self.cycles, self.acknowledged, self.lost_writes
        )?;
        self.violations.iter().try_for_each(|violation| writeln!(f, "VIOLATION {violation}"))
    }
}

/// How a server ends.
#[derive(Clone, Copy, Debug)]
enum End {
    /// After a time, under load.
    Clock(Duration),
    /// At an operation, under load.
    Operation(&'static [Kind], u64),
    /// At an operation during its start.
    InStart(u64),
    /// At an operation during its stop.
    InStop(u64),
    /// By a clean stop.
    Stop,
}

impl End {
    fn choose(chance: &mut Chance) -> Self {
        const LOG: &[Kind] = &[Kind::WalWrite, Kind::WalSync];
        const DATABASE: &[Kind] = &[Kind::DbWrite, Kind::DbSync];
        const OTHER: &[Kind] = &[Kind::OtherWrite, Kind::OtherSync, Kind::Name];
        match chance.below(10) {
            0..=2 => Self::Clock(Duration::from_millis(10 + chance.below(200))),
            3 | 4 => Self::Operation(LOG, 1 + chance.below(300)),
            5 => Self::Operation(OTHER, 1 + chance.below(25)),
            // Without a log of 16 MiB, only a stop or a migration writes to the database.
            6 => Self::Operation(DATABASE, 1 + chance.below(60)),
            7 => Self::InStart(1 + chance.below(40)),
            8 => Self::InStop(1 + chance.below(60)),
            _ => Self::Stop,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Clock(_) => "by the clock",
            Self::Operation(..) => "at an operation",
            Self::InStart(_) => "in a start",
            Self::InStop(_) => "in a stop",
            Self::Stop => "stopped",
        }
    }
}

/// Runs `binary` through the crashes of a plan.
pub async fn run(binary: &Path, plan: Plan) -> Report {
    let mut report = Report::default();
    let mut chance = Chance::new(plan.seed);
    while report.cycles < plan.cycles {
        let cycles = LINEAGE.min(plan.cycles - report.cycles);
        Lineage::new(binary, &mut chance).run(cycles, plan.disk_lies, &mut report).await;
    }
    report
}

/// One folder, and everything that should be in it.
struct Lineage<'a> {
    binary: &'a Path,
    chance: &'a mut Chance,
    dir: TempDir,
    faults: Faults,
    ledger: Arc<Ledger>,
}

impl<'a> Lineage<'a> {
    fn new(binary: &'a Path, chance: &'a mut Chance) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let faults = Faults::new(&dir.path().join("data"));
        Self { binary, chance, dir, faults, ledger: Arc::default() }
    }

    async fn run(mut self, cycles: u64, disk_lies: bool, report: &mut Report) {
        for n in 0..cycles {
            // What the first cycle left is complete and durable, so that only later data can be missing.
            let lies = disk_lies && n > 0;
            let end = if disk_lies && n == 0 { End::Stop } else { End::choose(self.chance) };
            let loss = match self.chance.below(6) {
                _ if disk_lies => lies.then_some(Loss::All),
                0 => Some(Loss::All),
                1 | 2 => Some(Loss::Torn {
                    seed: self.chance.any(),
                    sector: *self.chance.of(&[512, 4096]),
                    kept: *self.chance.of(&[10, 50, 90]),
                }),
                _ => None,
            };
            report.cycles += 1;
            *report.ends.entry(end.name()).or_default() += 1;
            if loss.is_some() {
                *report.ends.entry("without power").or_default() += 1;
            }
            let context = format!("cycle {} ({end:?}, {loss:?})", report.cycles);
            self.ledger.at(&context);
            self.faults.disarm();
            self.faults.remember();
            self.faults.lie(lies);
            self.serve(end).await;
            if matches!(end, End::Operation(..) | End::InStart(_) | End::InStop(_)) {
                *report.ends.entry("met the operation").or_default() += self.faults.fired().min(1);
            }
            if let Some(loss) = loss {
                report.lost_writes += self.faults.lose_power(loss) as u64;
            }
        }
        self.faults.disarm();
        self.ledger.at("the end");
        if let Some(server) = self.start() {
            self.ledger.check(server.address, self.chance).await;
            server.kill();
        }
        report.acknowledged += self.ledger.acknowledged();
        report.take(self.ledger.tally());
    }

    fn start(&self) -> Option<Process> {
        let started = Process::start(self.binary, &self.dir.path().join("data"), Some(&self.faults));
        self.ledger.count("the server starts", started.is_ok(), || {
            started.as_ref().err().cloned().unwrap_or_default()
        });
        started.ok()
    }

    /// Runs one server from its start to its end.
    async fn serve(&mut self, end: End) {
        if let End::InStart(at) = end {
            self.faults.arm(Fault::Kill, &Kind::ALL, at, 1);
            let data = self.dir.path().join("data");
            if let Ok(server) = Process::start(self.binary, &data, Some(&self.faults)) {
                // The start finished before the fault. The load may still meet it.
                self.load(&server, LONGEST / 8).await;
                server.kill();
            }
            return;
        }
        let Some(server) = self.start() else { return };
        self.ledger.check(server.address, self.chance).await;
        let time = match end {
            End::Clock(time) => time,
            End::Operation(kinds, at) => {
                self.faults.arm(Fault::Kill, kinds, at, 1);
                LONGEST
            }
            End::InStop(_) | End::Stop | End::InStart(_) => LONGEST / 4,
        };
        let is_stopped = matches!(end, End::Stop | End::InStop(_));
        let clients = self.begin_load(&server, time, is_stopped);
        if is_stopped {
            load::finish(clients, &self.ledger).await;
            if let End::InStop(at) = end {
                self.faults.arm(Fault::Kill, &Kind::ALL, at, 1);
            }
            let code = tokio::task::spawn_blocking(move || server.terminate()).await.unwrap();
            if matches!(end, End::Stop) {
                self.ledger.count("SIGTERM ends with 0", code == Some(0), || format!("{code:?}"));
            }
        } else {
            let ledger = self.ledger.clone();
            let mut ended = std::pin::pin!(load::finish(clients, &ledger));
            // A fault may end it earlier.
            let is_over = tokio::time::timeout(time, &mut ended).await.is_ok();
            server.kill();
            if !is_over {
                ended.await;
            }
        }
    }

    async fn load(&mut self, server: &Process, time: Duration) {
        let clients = self.begin_load(server, time, true);
        load::finish(clients, &self.ledger).await;
    }

    fn begin_load(&mut self, server: &Process, time: Duration, ends: bool) -> Vec<load::Running> {
        let mut begin = |n| {
            let chance = Chance::new(self.chance.any());
            load::begin(server.address, n, self.ledger.clone(), chance, ends.then_some(time))
        };
        (0..CLIENTS).map(&mut begin).collect()
    }
}
