//! Connections that do nothing: how much memory they take, and how long one message takes to reach all of them.

use std::time::{Duration, Instant};

use super::{Scale, ms};
use crate::load::{Kind, Load};
use crate::process::Process;
use crate::report::{Goal, Report};

/// How long presence and other effects of the arrivals may take to settle.
const SETTLE: Duration = Duration::from_secs(3);

/// How many messages go to everyone. The slowest one counts.
const MESSAGES: usize = 5;

pub(super) fn run(scale: &Scale, report: &mut Report) -> anyhow::Result<()> {
    let folder = scale.folder()?;
    let (server, took) = Process::server(&scale.program, folder.path(), scale.cores)?;
    report.add(
        "start on an empty folder, to the first welcome",
        took.as_secs_f64() * 1e3,
        "ms",
        Goal::AtMost(20.0),
    );
    let count = scale.connections;
    let mut load = Load::new(Kind::Chat, server.address, &["general".to_owned()], "connecting")?;
    load.run_for(Duration::from_millis(200))?;
    let before = server.pss_kib()?;
    report.add("memory without connections", before / 1024.0, "MiB", Goal::None);
    let (began, cpu) = (Instant::now(), server.cpu()?);
    load.connect("idle", count, 0..1)?;
    let took = began.elapsed().as_secs_f64();
    report.add(format!("{count} new guests connect and join"), took, "s", Goal::None);
    let cpu = (server.cpu()? - cpu).as_secs_f64() * 1e6 / count as f64;
    report.add("CPU of a new guest's connection and join", cpu, "µs", Goal::None);
    load.run_for(SETTLE)?;
    let each = (server.pss_kib()? - before) / count as f64;
    report.add(format!("memory of a joined connection, {count} of them"), each, "KiB", Goal::AtMost(4.0));
    let mut last = Vec::new();
    for _ in 0..MESSAGES {
        load.take_counts()?;
        let at = load.now();
        load.write(0, at);
        load.flush(0)?;
        load.finish()?;
        last.push(ms(&load.counts.to_deliver, 1.0));
    }
    last.sort_by(f64::total_cmp);
    let what = format!("one message to {count}: the last one served");
    report.add(what, last[MESSAGES / 2], "ms", Goal::AtMost(100.0));
    crate::verify::verify(&mut load)?;
    drop(load);
    server.stop()
}
