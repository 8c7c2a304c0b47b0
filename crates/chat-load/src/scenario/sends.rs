//! Acknowledged messages with hardly any recipients, compared with one commit for each row.

use super::{Measured, Scale, ms, server};
use crate::commits;
use crate::load::{Kind, Load, Work};
use crate::report::{Goal, Report};
use crate::verify::verify;

pub(super) fn run(scale: &Scale, report: &mut Report) -> anyhow::Result<()> {
    let (server, folder) = server(scale)?;
    let time = scale.time();
    let floor = commits::one_by_one(folder.path(), time)?;
    report.add("floor: rows on disk, one commit each", floor, "/s", Goal::None);
    let mut load = Load::new(Kind::Chat, server.address, &["general".to_owned()], "connecting")?;
    load.connect("writer", 8, 0..1)?;
    load.until_everyone = false;
    let mut one_by_one = 0.0;
    for in_flight in [1, 64] {
        let (authors, each) = if in_flight == 1 { (0..1, 1) } else { (0..8, 8) };
        let what = format!("{in_flight} in flight");
        let measured = Measured::of(&server, &mut load, Work::Window { authors, each }, time, &what)?;
        let rate = measured.acknowledged() / measured.took;
        let goal = if in_flight == 64 { Goal::AtLeast(20_000.0) } else { Goal::None };
        report.add(format!("{what}: acknowledged"), rate, "/s", goal);
        report.add(
            format!("{what}: CPU per message"),
            measured.cpu / measured.acknowledged(),
            "µs",
            Goal::None,
        );
        report.add(format!("{what}: p99"), ms(&measured.counts.to_ack, 0.99), "ms", Goal::None);
        if in_flight == 1 {
            one_by_one = rate;
        } else {
            report.add(format!("{what}: of one at a time"), rate / one_by_one, "×", Goal::AtLeast(10.0));
            report.add(format!("{what}: of one commit a row"), rate / floor, "×", Goal::AtLeast(10.0));
        }
    }
    verify(&mut load)?;
    server.stop()
}
