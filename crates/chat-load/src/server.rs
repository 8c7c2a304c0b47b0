//! A server as a process of its own, and what it costs.

use std::net::SocketAddr;
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use rustix::process::{Pid, Signal, kill_process};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

use crate::peer::Peer;

/// Clock ticks a second in `/proc`, which Linux fixes for programs.
const TICKS: f64 = 100.0;

pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    child: Child,
    pid: u32,
}

impl Server {
    /// Starts it, and answers how long it took until it said welcome to someone.
    pub(crate) async fn start(program: &Path, dir: &Path) -> anyhow::Result<(Self, Duration)> {
        let began = Instant::now();
        let mut child = Command::new(program)
            .args(["--listen", "127.0.0.1:0", "--rate-limit", "off", "--data-dir"])
            .arg(dir)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .with_context(|| format!("{} cannot be started: build it with --release", program.display()))?;
        let out = child.stdout.take().context("no standard output")?;
        let line = BufReader::new(out).lines().next_line().await?.context("the server does not start")?;
        let address =
            line.split("http://").nth(1).and_then(|rest| rest.split('/').next()).context("no address")?;
        let pid = child.id().context("the server is gone")?;
        let server = Self { address: address.parse()?, child, pid };
        // Another name for each start, because names are kept for a day.
        Peer::member(server.address, &format!("first{pid}")).await?;
        Ok((server, began.elapsed()))
    }

    /// Processor time used so far, of user and system.
    pub(crate) fn cpu(&self) -> anyhow::Result<Duration> {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.pid))?;
        // The name may have spaces; what follows its bracket has none.
        let fields: Vec<&str> = stat.rsplit(')').next().context("no stat")?.split_whitespace().collect();
        let ticks = fields[11].parse::<u64>()? + fields[12].parse::<u64>()?;
        Ok(Duration::from_secs_f64(ticks as f64 / TICKS))
    }

    /// Memory held.
    pub(crate) fn resident_kib(&self) -> anyhow::Result<u64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.pid))?;
        let line = status.lines().find(|line| line.starts_with("VmRSS:")).context("no VmRSS")?;
        Ok(line.split_whitespace().nth(1).context("no number")?.parse()?)
    }

    /// Ends it as an operator would.
    pub(crate) async fn stop(mut self) -> anyhow::Result<()> {
        let pid = Pid::from_raw(i32::try_from(self.pid)?).context("no process")?;
        kill_process(pid, Signal::TERM)?;
        let status = self.child.wait().await?;
        ensure!(status.success(), "the server ended with {status}");
        Ok(())
    }
}
