//! Everything mixed for a long time, at half of the server's capacity: steady writers in a large room and in small
//! ones, readers that stop reading, connections that break. Nothing in the server may grow except its log.

use std::time::{Duration, Instant};

use anyhow::ensure;

use super::{Measured, Scale, make_rooms, names, server};
use crate::conn::Phase;
use crate::load::{Kind, Load, Work};
use crate::process::Process;
use crate::report::{Goal, Report};
use crate::verify::verify;

/// The size of the large room, and the number and size of the small ones.
const LARGE: usize = 600;
const ROOMS: usize = 40;
const MEMBERS: usize = 10;

/// How often connections break and readers stop, and how many at a time.
const TROUBLE_EVERY: Duration = Duration::from_secs(1);
const TROUBLED: usize = 3;

/// How long a reader stops.
const PAUSE: Duration = Duration::from_secs(20);

/// How often the server is sampled.
const SAMPLE_EVERY: Duration = Duration::from_secs(10);

/// How much larger a value may be in the last quarter than in the second: by a tenth, for noise.
const GROWTH: f64 = 1.1;

pub(super) fn run(scale: &Scale, report: &mut Report) -> anyhow::Result<()> {
    let (server, _folder) = server(scale)?;
    let mut rooms = names(ROOMS);
    rooms.push("general".to_owned());
    let mut load = Load::new(Kind::Chat, server.address, &rooms, "connecting")?;
    load.until_everyone = false;
    load.connect("large", LARGE, ROOMS..ROOMS + 1)?;
    make_rooms(&mut load)?;
    load.connect("small", ROOMS * MEMBERS, 0..ROOMS)?;
    load.run_for(Duration::from_secs(2))?;

    load.until_everyone = true;
    let all = 0..load.conns.len();
    let full = Measured::of(
        &server,
        &mut load,
        Work::Window { authors: all.clone(), each: 1 },
        scale.time(),
        "full load",
    )?;
    load.until_everyone = false;
    let capacity = full.deliveries() / full.took;
    let of_a_message = (LARGE * LARGE + ROOMS * MEMBERS * MEMBERS) as f64 / all.len() as f64;
    let rate = capacity / 2.0 / of_a_message;
    report.add("full load: deliveries", capacity, "/s", Goal::None);
    report.add("half of it: messages", rate, "/s", Goal::None);

    load.reconnects = true;
    load.begin(Work::paced(all, rate, load.now()));
    let samples = trouble(&server, &mut load, Duration::from_secs_f64(scale.minutes * 60.0))?;
    load.begin(Work::None);
    let troubled: Vec<usize> = (0..load.conns.len()).filter(|place| load.conns[*place].is_paused).collect();
    for place in troubled {
        load.pause(place, false)?;
    }
    load.finish()?;
    load.step_until(Load::all_live)?;
    let counts = load.take_counts()?;
    report.add("deliveries", counts.deliveries as f64, "", Goal::None);
    report.add("acknowledged", counts.acknowledged as f64, "", Goal::None);
    report.add("told that they are too slow", counts.slow as f64, "", Goal::None);
    report.add("told to begin again, having missed over 1,000", counts.resets as f64, "", Goal::None);
    verify(&mut load)?;
    let mut has_grown = Vec::new();
    for (n, (what, unit, slack)) in KEPT.iter().enumerate() {
        let [then, now] = [(1, 2), (3, 4)].map(|(from, to)| {
            let part = &samples[samples.len() * from / 4..(samples.len() * to / 4).max(1)];
            part.iter().map(|sample| sample[n]).sum::<f64>() / part.len().max(1) as f64
        });
        report.add(format!("{what} in the second quarter"), then, unit, Goal::None);
        report.add(format!("{what} in the last quarter"), now, unit, Goal::AtMost(then * GROWTH + slack));
        if now > then * GROWTH + slack {
            has_grown.push(format!("{what} grew from {then:.0} to {now:.0} {unit}"));
        }
    }
    ensure!(has_grown.is_empty(), "{}", has_grown.join("; "));
    server.stop()
}

/// The sampled values, their units, and how much of each is noise.
const KEPT: [(&str, &str, f64); 5] = [
    ("resident memory", "KiB", 4096.0),
    ("file descriptors", "", 10.0),
    ("threads", "", 4.0),
    ("tasks", "", 20.0),
    ("write-ahead log", "KiB", 4096.0),
];

/// Breaks connections and stops readers for this long, and samples the server meanwhile.
fn trouble(server: &Process, load: &mut Load, time: Duration) -> anyhow::Result<Vec<[f64; 5]>> {
    let began = Instant::now();
    let (mut next_trouble, mut next_sample) = (began, began + SAMPLE_EVERY);
    let mut victims = (0..load.conns.len()).cycle().step_by(7);
    let mut paused: Vec<(Instant, usize)> = Vec::new();
    let mut samples = Vec::new();
    load.progress.about("half load");
    while began.elapsed() < time {
        load.step(Duration::from_millis(50))?;
        let now = Instant::now();
        if now >= next_trouble {
            next_trouble += TROUBLE_EVERY;
            for place in victims.by_ref().take(2 * TROUBLED).collect::<Vec<_>>() {
                if load.conns[place].phase != Phase::Live || load.conns[place].is_paused {
                    continue;
                }
                if place % 2 == 0 {
                    load.cut(std::iter::once(place));
                    load.renew(place)?;
                } else {
                    load.pause(place, true)?;
                    paused.push((now, place));
                }
            }
            while let Some(&(since, place)) = paused.first()
                && since.elapsed() >= PAUSE
            {
                paused.remove(0);
                if load.conns[place].is_paused {
                    load.pause(place, false)?;
                }
            }
        }
        if now >= next_sample {
            next_sample += SAMPLE_EVERY;
            samples.push([
                server.rss_kib()?,
                server.descriptors()?,
                server.threads()?,
                server.tasks()?,
                server.wal_bytes() / 1024.0,
            ]);
        }
    }
    ensure!(samples.len() >= 8, "a soak takes at least a minute and a half");
    Ok(samples)
}
