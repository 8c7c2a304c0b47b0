//! Many small rooms, as in a company, compared with the floor.

use super::{Measured, Scale, make_rooms, ms, names, server};
use crate::load::{Kind, Load, Work};
use crate::process::Process;
use crate::report::{Goal, Report};
use crate::verify::verify;

/// The number of members of a room.
const MEMBERS: usize = 10;

/// The rate of the paced measurement, in deliveries a second.
const PACE: f64 = 20_000.0;

pub(super) fn run(scale: &Scale, report: &mut Report) -> anyhow::Result<()> {
    let (server, _folder) = server(scale)?;
    let floors = [Process::relay(false, scale.cores)?, Process::relay(true, scale.cores)?];
    let count = scale.rooms * MEMBERS;
    let mut rooms = names(scale.rooms);
    rooms.push("general".to_owned());
    let connect = |kind, process: &Process| -> anyhow::Result<Load> {
        let mut load = Load::new(kind, process.address, &rooms, "connecting")?;
        load.connect("maker", 1, scale.rooms..scale.rooms + 1)?;
        if kind == Kind::Chat {
            make_rooms(&mut load)?;
        }
        load.connect("person", count, 0..scale.rooms)?;
        load.run_for(std::time::Duration::from_secs(2))?;
        Ok(load)
    };
    let mut load = connect(Kind::Chat, &server)?;
    // Creating a room joins it.
    let mut each = connect(Kind::Relay, &floors[0])?;
    let mut coalesce = connect(Kind::Relay, &floors[1])?;
    let time = scale.time();
    let everyone = 1..count + 1;

    let rate = PACE / MEMBERS as f64;
    let work = Work::paced(everyone.clone(), rate, each.now());
    let floor = Measured::of(&floors[0], &mut each, work, time, "floor, paced")?;
    let work = Work::paced(everyone.clone(), rate, load.now());
    let chat = Measured::of(&server, &mut load, work, time, "paced")?;
    report.add("floor, 20,000 deliveries/s: CPU per delivery", floor.cpu_per_delivery(), "µs", Goal::None);
    report.add("20,000 deliveries/s: CPU per delivery", chat.cpu_per_delivery(), "µs", Goal::None);
    let ratio = chat.cpu_per_delivery() / floor.cpu_per_delivery();
    report.add("20,000 deliveries/s: CPU, of the floor's", ratio, "×", Goal::AtMost(1.8));
    report.add(
        "20,000 deliveries/s: send to deliver, p50",
        ms(&chat.counts.to_deliver, 0.5),
        "ms",
        Goal::None,
    );
    report.add(
        "20,000 deliveries/s: send to deliver, p99",
        ms(&chat.counts.to_deliver, 0.99),
        "ms",
        Goal::None,
    );

    let saturated = || Work::Window { authors: everyone.clone(), each: 1 };
    let floor = Measured::of(&floors[1], &mut coalesce, saturated(), time, "floor, saturated")?;
    let chat = Measured::of(&server, &mut load, saturated(), time, "saturated")?;
    let messages = |measured: &Measured| measured.deliveries() / MEMBERS as f64 / measured.took;
    report.add("floor, saturated: messages", messages(&floor), "/s", Goal::None);
    report.add(
        "saturated: messages persisted and delivered",
        messages(&chat),
        "/s",
        Goal::AtLeast(100_000.0),
    );
    let of = |measured: &Measured| measured.cpu / measured.deliveries() * MEMBERS as f64;
    report.add("saturated: CPU per message and its ten deliveries", of(&chat), "µs", Goal::None);
    report.add("saturated: CPU, of the coalescing floor's", of(&chat) / of(&floor), "×", Goal::None);
    report.add("saturated: send to acknowledgement, p99", ms(&chat.counts.to_ack, 0.99), "ms", Goal::None);

    verify(&mut load)?;
    server.stop()?;
    floors.into_iter().try_for_each(Process::stop)
}
