//! The measured program, as a separate process, and what it costs.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use rustix::process::{Pid, Signal, kill_process};
use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};

use crate::load::{Kind, Load};

/// Clock ticks a second in `/proc`, which Linux fixes for user programs.
const TICKS: f64 = 100.0;

/// Which cores run what.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Cores {
    /// The load has the last core, and the server all others.
    Apart,
    /// Both use all cores.
    Shared,
}

impl Cores {
    /// Runs `spawn` on the cores of the measured program, and continues on those of the load.
    fn around<T>(self, spawn: impl FnOnce() -> T) -> anyhow::Result<T> {
        let count = std::thread::available_parallelism()?.get();
        static ALL: std::sync::OnceLock<(CpuSet, usize)> = std::sync::OnceLock::new();
        let (all, count) =
            *ALL.get_or_init(|| (sched_getaffinity(None).unwrap_or_else(|_| CpuSet::new()), count));
        if self == Self::Shared || count < 2 {
            return Ok(spawn());
        }
        let last = (0..CpuSet::MAX_CPU).rev().find(|cpu| all.is_set(*cpu)).context("no processor core")?;
        let (mut theirs, mut ours) = (all, CpuSet::new());
        theirs.unset(last);
        ours.set(last);
        sched_setaffinity(None, &theirs)?;
        let spawned = spawn();
        sched_setaffinity(None, &ours)?;
        Ok(spawned)
    }
}

pub(crate) struct Process {
    pub(crate) address: SocketAddr,
    pub(crate) dir: Option<PathBuf>,
    child: Child,
    kind: Kind,
    name: String,
}

impl Process {
    /// Starts a server on a data folder. Returns it, and how long it took until the first welcome.
    pub(crate) fn server(program: &Path, dir: &Path, cores: Cores) -> anyhow::Result<(Self, Duration)> {
        let began = Instant::now();
        let mut command = Command::new(program);
        command.args([
            "--listen",
            "127.0.0.1:0",
            "--rate-limit",
            "off",
            "--max-connections",
            "100000",
            "--data-dir",
        ]);
        command.arg(dir);
        let mut server = Self::spawn(&mut command, Kind::Chat, cores)
            .with_context(|| format!("{} cannot be started: build it with --release", program.display()))?;
        server.dir = Some(dir.to_owned());
        let mut load = Load::new(Kind::Chat, server.address, &["general".to_owned()], "first welcome")?;
        // A new name for each start, because names are reserved for a day.
        load.connect(&format!("first{}-", server.child.id()), 1, 0..1)?;
        Ok((server, began.elapsed()))
    }

    /// Starts a relay: the floor of what a server can cost.
    pub(crate) fn relay(coalesce: bool, cores: Cores) -> anyhow::Result<Self> {
        let how = if coalesce { "coalesce" } else { "each" };
        let mut command = Command::new(std::env::current_exe()?);
        command.args(["relay", how]);
        Self::spawn(&mut command, Kind::Relay, cores)
    }

    fn spawn(command: &mut Command, kind: Kind, cores: Cores) -> anyhow::Result<Self> {
        let name = command.get_program().to_string_lossy().into_owned();
        let stderr =
            if std::env::var_os("CHAT_LOAD_STDERR").is_some() { Stdio::inherit() } else { Stdio::null() };
        let mut child = cores.around(|| command.stdout(Stdio::piped()).stderr(stderr).spawn())??;
        let out = child.stdout.take().context("no standard output")?;
        let mut line = String::new();
        BufReader::new(out).read_line(&mut line)?;
        let address = line.split("http://").nth(1).and_then(|rest| rest.split('/').next());
        let address = address.with_context(|| format!("{name} prints no address: {line}"))?.parse()?;
        Ok(Self { address, dir: None, child, kind, name })
    }

    fn proc(&self, file: &str) -> anyhow::Result<String> {
        let path = format!("/proc/{}/{file}", self.child.id());
        std::fs::read_to_string(&path)
            .with_context(|| format!("{path} cannot be read: {} is gone", self.name))
    }

    /// Returns the processor time used so far, user and system.
    pub(crate) fn cpu(&self) -> anyhow::Result<Duration> {
        let stat = self.proc("stat")?;
        // The name may contain spaces. The fields after its bracket do not.
        let fields: Vec<&str> = stat.rsplit(')').next().context("no stat")?.split_whitespace().collect();
        let ticks = fields[11].parse::<u64>()? + fields[12].parse::<u64>()?;
        Ok(Duration::from_secs_f64(ticks as f64 / TICKS))
    }

    /// Returns the proportional set size: its own memory, and its share of shared memory.
    pub(crate) fn pss_kib(&self) -> anyhow::Result<f64> {
        number_behind(&self.proc("smaps_rollup")?, "Pss:")
    }

    /// Returns the resident set size.
    pub(crate) fn rss_kib(&self) -> anyhow::Result<f64> {
        number_behind(&self.proc("status")?, "VmRSS:")
    }

    pub(crate) fn threads(&self) -> anyhow::Result<f64> {
        number_behind(&self.proc("status")?, "Threads:")
    }

    /// Returns the number of live tasks, from its metrics.
    pub(crate) fn tasks(&self) -> anyhow::Result<f64> {
        let mut stream = TcpStream::connect(self.address)?;
        write!(stream, "GET /metrics HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n", self.address)?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        number_behind(&answer, "chat_tasks ")
    }

    /// Returns the number of open file descriptors.
    pub(crate) fn descriptors(&self) -> anyhow::Result<f64> {
        Ok(std::fs::read_dir(format!("/proc/{}/fd", self.child.id()))?.count() as f64)
    }

    /// Returns the size of the write-ahead log, in bytes.
    pub(crate) fn wal_bytes(&self) -> f64 {
        let wal = self.dir.as_ref().map(|dir| dir.join("chat.db-wal"));
        wal.and_then(|wal| wal.metadata().ok()).map_or(0.0, |metadata| metadata.len() as f64)
    }

    /// Stops it as an operator would.
    pub(crate) fn stop(mut self) -> anyhow::Result<()> {
        let pid = Pid::from_raw(i32::try_from(self.child.id())?).context("no process")?;
        kill_process(pid, Signal::TERM)?;
        let status = self.child.wait()?;
        ensure!(self.kind == Kind::Relay || status.success(), "{} ended with {status}", self.name);
        Ok(())
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // A failure must not leave it running. If it was stopped, it is already gone.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn number_behind(text: &str, key: &str) -> anyhow::Result<f64> {
    let line = text.lines().find_map(|line| line.strip_prefix(key));
    let line = line.with_context(|| format!("no {key}"))?;
    Ok(line.split_whitespace().next().context("no number")?.parse()?)
}
