//! The scenarios, one module each.

mod fanout;
mod history;
mod idle;
mod login;
mod rooms;
mod sends;
mod soak;
mod storm;

use std::path::PathBuf;
use std::time::{Duration, Instant};

use clap::ValueEnum;

use crate::load::{Counts, Load, Work};
use crate::process::{Cores, Process};
use crate::report::Report;

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Scenario {
    /// One room, where each message goes to a thousand.
    Fanout,
    /// Many small rooms, where everyone writes.
    Rooms,
    /// Acknowledged messages with hardly any receivers.
    Sends,
    /// Everyone reconnects and resumes at once.
    Storm,
    /// Idle connections, and one message to all of them.
    Idle,
    /// Pages, searches and starts with a large database.
    History,
    /// Logins at full rate, and their effect on messages.
    Login,
    /// Everything mixed for a long time, with slow readers and broken connections. Nothing may grow.
    Soak,
}

/// How much of each scenario to do.
pub(crate) struct Scale {
    pub(crate) program: PathBuf,
    pub(crate) dir: PathBuf,
    pub(crate) seconds: f64,
    pub(crate) receivers: usize,
    pub(crate) rooms: usize,
    pub(crate) connections: usize,
    pub(crate) messages: u64,
    pub(crate) minutes: f64,
    pub(crate) cores: Cores,
}

impl Scenario {
    /// The scenarios that are measured by default.
    pub(crate) const USUAL: [Self; 7] =
        [Self::Fanout, Self::Rooms, Self::Sends, Self::Login, Self::Idle, Self::Storm, Self::History];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Fanout => "fanout",
            Self::Rooms => "rooms",
            Self::Sends => "sends",
            Self::Storm => "storm",
            Self::Idle => "idle",
            Self::History => "history",
            Self::Login => "login",
            Self::Soak => "soak",
        }
    }

    /// Whether it is measured in every run. The long ones are measured once.
    pub(crate) fn is_repeated(self) -> bool {
        !matches!(self, Self::History | Self::Soak)
    }

    pub(crate) fn run(self, scale: &Scale, report: &mut Report) -> anyhow::Result<()> {
        match self {
            Self::Fanout => fanout::run(scale, report),
            Self::Rooms => rooms::run(scale, report),
            Self::Sends => sends::run(scale, report),
            Self::Storm => storm::run(scale, report),
            Self::Idle => idle::run(scale, report),
            Self::History => history::run(scale, report),
            Self::Login => login::run(scale, report),
            Self::Soak => soak::run(scale, report),
        }
    }
}

impl Scale {
    fn time(&self) -> Duration {
        Duration::from_secs_f64(self.seconds)
    }

    fn folder(&self) -> anyhow::Result<tempfile::TempDir> {
        Ok(tempfile::Builder::new().prefix("chat-load-").tempdir_in(&self.dir)?)
    }
}

/// The result of a measurement.
struct Measured {
    took: f64,
    /// Processor time of the measured process, in microseconds.
    cpu: f64,
    counts: Counts,
}

impl Measured {
    /// Does `work` for this long, and waits until every message is done. The first quarter of a second is not
    /// counted, because caches are cold.
    fn of(
        process: &Process,
        load: &mut Load,
        work: Work,
        time: Duration,
        what: &str,
    ) -> anyhow::Result<Self> {
        load.progress.about(what);
        load.begin(work);
        load.run_for(Duration::from_millis(250))?;
        load.take_counts()?;
        let (cpu, began) = (process.cpu()?, Instant::now());
        load.run_for(time)?;
        // Messages in flight were already paid for, and count when they arrive.
        load.finish()?;
        let (took, cpu) = (began.elapsed().as_secs_f64(), (process.cpu()? - cpu).as_secs_f64() * 1e6);
        Ok(Self { took, cpu, counts: load.take_counts()? })
    }

    fn deliveries(&self) -> f64 {
        self.counts.deliveries as f64
    }

    fn cpu_per_delivery(&self) -> f64 {
        self.cpu / self.deliveries()
    }

    fn acknowledged(&self) -> f64 {
        self.counts.acknowledged as f64
    }
}

/// Returns a quantile of a histogram of nanoseconds, in milliseconds.
fn ms(histogram: &hdrhistogram::Histogram<u64>, quantile: f64) -> f64 {
    histogram.value_at_quantile(quantile) as f64 / 1e6
}

/// Starts a server on its own folder.
fn server(scale: &Scale) -> anyhow::Result<(Process, tempfile::TempDir)> {
    let folder = scale.folder()?;
    let (server, _) = Process::server(&scale.program, folder.path(), scale.cores)?;
    Ok((server, folder))
}

/// Returns names for new rooms.
fn names(count: usize) -> Vec<String> {
    (0..count).map(|n| format!("room{n:05}")).collect()
}

/// Connects one author to the default room, who creates the others. Later connections may join them.
fn make_rooms(load: &mut Load) -> anyhow::Result<()> {
    for room in 0..load.rooms.len() {
        let name = load.rooms[room].name.clone();
        if name != "general" {
            load.ask(0, &format!(r#"{{"type":"create","id":4,"room":"{name}"}}"#))?;
        }
    }
    Ok(())
}
