//! The network was away: everyone comes back at once and gets exactly what was missed, while others talk on.

use std::time::{Duration, Instant};

use anyhow::ensure;

use super::{Scale, make_rooms, ms, names, server};
use crate::conn::Phase;
use crate::load::{Kind, Load, Work};
use crate::report::{Goal, Report};
use crate::verify::verify;

/// Members of a room, one of whom stays.
const MEMBERS: usize = 100;

/// Members of the room that talks on, and their messages a second.
const STEADY: usize = 100;
const PACE: f64 = 50.0;

/// What each room hears while most are away.
const MISSED: usize = 5;

pub(super) fn run(scale: &Scale, report: &mut Report) -> anyhow::Result<()> {
    let (server, _folder) = server(scale)?;
    let rooms = scale.connections.div_ceil(MEMBERS);
    let mut all = names(rooms);
    all.push("general".to_owned());
    let mut load = Load::new(Kind::Chat, server.address, &all, "connecting")?;
    load.until_everyone = false;
    load.connect("steady", STEADY, rooms..rooms + 1)?;
    make_rooms(&mut load)?;
    load.connect("stays", rooms, 0..rooms)?;
    let first = load.conns.len();
    load.connect("returns", scale.connections, 0..rooms)?;
    load.run_for(Duration::from_secs(2))?;

    load.progress.about("before the storm");
    load.begin(Work::paced(0..STEADY, PACE, load.now()));
    load.run_for(Duration::from_millis(500))?;
    load.take_counts()?;
    load.run_for(scale.time())?;
    let before = ms(&load.take_counts()?.to_ack, 0.99);

    let away = first..load.conns.len();
    load.cut(away.clone());
    for _ in 0..MISSED {
        for place in STEADY..first {
            let now = load.now();
            load.write(place, now);
            load.flush(place)?;
        }
    }
    load.run_for(Duration::from_secs(2))?;
    load.take_counts()?;
    load.progress.about("the storm");
    let (began, cpu) = (Instant::now(), server.cpu()?);
    for place in away.clone() {
        load.renew(place)?;
        // Those who talk on are served meanwhile; a step costs nothing where nothing has come.
        if place % 16 == 0 {
            load.step(Duration::ZERO)?;
        }
    }
    load.step_until(Load::all_live)?;
    let took = began.elapsed().as_secs_f64();
    let cpu = (server.cpu()? - cpu).as_secs_f64() * 1e6 / away.len() as f64;
    // An acknowledgement follows the deliveries; those of the storm itself are late by their nature.
    let during = ms(&load.counts.to_ack, 0.99);
    load.finish()?;
    for place in away.clone() {
        let conn = &load.conns[place];
        ensure!(
            conn.phase == Phase::Live && conn.last == load.conns[STEADY + conn.room].last,
            "{} missed something",
            conn.name
        );
    }
    let what = format!("{} reconnect and resume at once: all live again", away.len());
    report.add(what, took, "s", Goal::AtMost(3.0));
    report.add("CPU of a return", cpu, "µs", Goal::None);
    report.add("the others meanwhile: send to acknowledgement, p99", during, "ms", Goal::None);
    report.add("the others before: send to acknowledgement, p99", before, "ms", Goal::None);
    report.add("the others: p99 meanwhile, of before", during / before, "×", Goal::AtMost(2.0));
    verify(&mut load)?;
    server.stop()
}
