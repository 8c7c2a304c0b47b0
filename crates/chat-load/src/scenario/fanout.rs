//! One room with each message to everyone in it, compared with the floor.

use super::{Measured, Scale, ms, server};
use crate::load::{Kind, Load, Work};
use crate::process::Process;
use crate::report::{Goal, Report};
use crate::verify::verify;

/// The rate of the paced measurement, in deliveries a second.
const PACE: f64 = 50_000.0;

pub(super) fn run(scale: &Scale, report: &mut Report) -> anyhow::Result<()> {
    let (server, _folder) = server(scale)?;
    let floors = [Process::relay(false, scale.cores)?, Process::relay(true, scale.cores)?];
    let count = scale.receivers;
    let one_room = ["general".to_owned()];
    let connect = |kind, process: &Process| -> anyhow::Result<Load> {
        let mut load = Load::new(kind, process.address, &one_room, "connecting")?;
        load.connect("person", count, 0..1)?;
        // Lets presence and other effects of the arrivals settle.
        load.run_for(std::time::Duration::from_secs(2))?;
        Ok(load)
    };
    let mut load = connect(Kind::Chat, &server)?;
    let mut each = connect(Kind::Relay, &floors[0])?;
    let mut coalesce = connect(Kind::Relay, &floors[1])?;
    let time = scale.time();

    let one = || Work::Window { authors: 0..1, each: 1 };
    let floor = Measured::of(&floors[0], &mut each, one(), time, "floor, one at a time")?;
    let chat = Measured::of(&server, &mut load, one(), time, "one at a time")?;
    report.add("floor, one at a time: CPU per delivery", floor.cpu_per_delivery(), "µs", Goal::None);
    report.add("one at a time: CPU per delivery", chat.cpu_per_delivery(), "µs", Goal::None);
    let ratio = chat.cpu_per_delivery() / floor.cpu_per_delivery();
    report.add("one at a time: CPU, of the floor's", ratio, "×", Goal::AtMost(1.1));
    report.add("one at a time: deliveries", chat.deliveries() / chat.took, "/s", Goal::None);

    let many = || Work::Window { authors: 0..8.min(count), each: 8 };
    let floor = Measured::of(&floors[1], &mut coalesce, many(), time, "floor, 64 in flight")?;
    let chat = Measured::of(&server, &mut load, many(), time, "64 in flight")?;
    report.add("floor, 64 in flight: deliveries", floor.deliveries() / floor.took, "/s", Goal::None);
    report.add("floor, 64 in flight: CPU per delivery", floor.cpu_per_delivery(), "µs", Goal::None);
    report.add("64 in flight: deliveries", chat.deliveries() / chat.took, "/s", Goal::AtLeast(4e6));
    report.add("64 in flight: CPU per delivery", chat.cpu_per_delivery(), "µs", Goal::None);
    let ratio = chat.cpu_per_delivery() / floor.cpu_per_delivery();
    report.add("64 in flight: CPU, of the coalescing floor's", ratio, "×", Goal::AtMost(1.4));

    let rate = PACE / count as f64;
    let time = 2 * time;
    let work = Work::paced(0..count, rate, each.now());
    let floor = Measured::of(&floors[0], &mut each, work, time, "floor, paced")?;
    let work = Work::paced(0..count, rate, load.now());
    let chat = Measured::of(&server, &mut load, work, time, "paced")?;
    let p99 = [&floor, &chat].map(|measured| ms(&measured.counts.to_deliver, 0.99));
    report.add("floor, 50,000 deliveries/s: send to deliver, p99", p99[0], "ms", Goal::None);
    report.add(
        "50,000 deliveries/s: send to deliver, p50",
        ms(&chat.counts.to_deliver, 0.5),
        "ms",
        Goal::None,
    );
    report.add("50,000 deliveries/s: send to deliver, p99", p99[1], "ms", Goal::None);
    report.add("50,000 deliveries/s: p99, of the floor's", p99[1] / p99[0], "×", Goal::AtMost(1.15));
    report.add(
        "50,000 deliveries/s: send to acknowledgement, p99",
        ms(&chat.counts.to_ack, 0.99),
        "ms",
        Goal::None,
    );
    let ratio = chat.cpu_per_delivery() / floor.cpu_per_delivery();
    report.add("50,000 deliveries/s: CPU, of the floor's", ratio, "×", Goal::None);

    verify(&mut load)?;
    server.stop()?;
    floors.into_iter().try_for_each(Process::stop)
}
