//! After a network failure: everyone reconnects at once and gets exactly what they missed, while others keep writing.

use std::ops::Range;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use anyhow::{anyhow, ensure};

use super::{Scale, make_rooms, ms, names, server};
use crate::conn::Phase;
use crate::load::{Kind, Load, Work};
use crate::report::{Goal, Report};
use crate::verify::verify;

/// The number of members of a room. One of them stays connected.
const MEMBERS: usize = 100;

/// The number of members of the room that keeps writing, and its messages a second.
const STEADY: usize = 100;
const PACE: f64 = 50.0;

/// How many messages each room gets while most members are away.
const MISSED: usize = 5;

pub(super) fn run(scale: &Scale, report: &mut Report) -> anyhow::Result<()> {
    let (server, _folder) = server(scale)?;
    let rooms = scale.connections.div_ceil(MEMBERS);
    let mut all = names(rooms);
    all.push("general".to_owned());
    let mut load = Load::new(Kind::Chat, server.address, &all, "connecting")?;
    load.until_everyone = false;
    load.connect("maker", 1, rooms..rooms + 1)?;
    make_rooms(&mut load)?;
    load.connect("stays", rooms, 0..rooms)?;
    let first = load.conns.len();
    load.connect("returns", scale.connections, 0..rooms)?;
    let mut others = Load::new(Kind::Chat, server.address, &["general".to_owned()], "before the storm")?;
    others.until_everyone = false;
    others.connect("steady", STEADY, 0..1)?;
    others.run_for(Duration::from_secs(2))?;
    let until = |end: Instant| move || Instant::now() >= end;
    // Caches are cold at first.
    talk(&mut others, until(Instant::now() + Duration::from_millis(500)))?;
    let before = talk(&mut others, until(Instant::now() + scale.time()))?;

    let away = first..load.conns.len();
    load.cut(away.clone());
    for _ in 0..MISSED {
        for place in 1..first {
            let now = load.now();
            load.write(place, now);
            load.flush(place)?;
        }
    }
    load.run_for(Duration::from_secs(2))?;
    load.progress.about("the storm");
    let (began, cpu, over) = (Instant::now(), server.cpu()?, AtomicBool::new(false));
    // On its own thread, so that it does not wait for this program's other connections.
    let (took, during) = std::thread::scope(|scope| {
        let talking = scope.spawn(|| talk(&mut others, || over.load(Ordering::Relaxed)));
        let back = reconnect(&mut load, away.clone());
        let took = began.elapsed().as_secs_f64();
        over.store(true, Ordering::Relaxed);
        let during = talking.join().map_err(|_| anyhow!("the thread of the other writers panicked"))?;
        back.and(Ok((took, during?)))
    })?;
    let cpu = (server.cpu()? - cpu).as_secs_f64() * 1e6 / away.len() as f64;
    for place in away.clone() {
        let conn = &load.conns[place];
        ensure!(
            conn.phase == Phase::Live && conn.last == load.conns[1 + conn.room].last,
            "{} missed events",
            conn.name
        );
    }
    let what = format!("{} reconnect and resume at once: all live again", away.len());
    report.add(what, took, "s", Goal::AtMost(3.0));
    report.add("CPU of one reconnect", cpu, "µs", Goal::None);
    report.add("the others meanwhile: send to acknowledgement, p99", during, "ms", Goal::None);
    report.add("the others before: send to acknowledgement, p99", before, "ms", Goal::None);
    report.add("the others: p99 meanwhile, of before", during / before, "×", Goal::AtMost(2.0));
    verify(&mut load)?;
    verify(&mut others)?;
    server.stop()
}

/// Makes everyone who is away connect at once, and waits until they have everything that they missed.
fn reconnect(load: &mut Load, away: Range<usize>) -> anyhow::Result<()> {
    for place in away {
        load.renew(place)?;
        // Read what has already arrived.
        if place % 16 == 0 {
            load.step(Duration::ZERO)?;
        }
    }
    load.step_until(Load::all_live)
}

/// Writes until it is over. Returns the p99 from when a message should have been sent to its acknowledgement.
fn talk(load: &mut Load, is_over: impl Fn() -> bool) -> anyhow::Result<f64> {
    load.begin(Work::paced(0..STEADY, PACE, load.now()));
    while !is_over() {
        load.step(Duration::from_millis(10))?;
    }
    load.finish()?;
    Ok(ms(&load.take_counts()?.to_ack, 0.99))
}
