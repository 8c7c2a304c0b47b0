//! A large database: pages anywhere in it, searches, and starts.

use std::time::{Duration, Instant};

use super::{Scale, make_rooms, ms, names};
use crate::frame;
use crate::load::{Kind, Load, Work, histogram};
use crate::process::Process;
use crate::report::{Goal, Report};
use crate::verify::verify_rooms;

/// The number of rooms in the database.
const ROOMS: usize = 100;

/// The number of authors, and how many messages each has in flight.
const AUTHORS: usize = 100;
const EACH: u32 = 20;

/// How many messages are searched.
const SEARCHED: u64 = 1_000_000;

/// How many pages and how many searches are requested.
const ASKED: u64 = 1000;

/// A word in the last message only, by which the index is checked, and the index of its author, who is in the last
/// room.
const LAST: &str = "thisisthelast";
const LAST_PLACE: usize = AUTHORS;

/// How long the index may take to catch up.
const INDEXED: Duration = Duration::from_secs(120);

pub(super) fn run(scale: &Scale, report: &mut Report) -> anyhow::Result<()> {
    let folder = scale.folder()?;
    let (server, _) = Process::server(&scale.program, folder.path(), scale.cores)?;
    let mut all = names(ROOMS);
    all.push("general".to_owned());
    let mut load = Load::new(Kind::Chat, server.address, &all, "connecting")?;
    load.until_everyone = false;
    load.connect("maker", 1, ROOMS..ROOMS + 1)?;
    make_rooms(&mut load)?;
    load.connect("author", AUTHORS, 0..ROOMS)?;
    // Searches are for words that few messages have, as people's searches are.
    let searched = scale.messages.min(SEARCHED);
    fill(&mut load, searched)?;
    search(&mut load, searched, report)?;
    let began = Instant::now();
    fill(&mut load, scale.messages)?;
    let rate = (scale.messages - searched) as f64 / began.elapsed().as_secs_f64();
    if scale.messages > searched {
        report.add(format!("filling up to {}", scale.messages), rate, "/s", Goal::None);
    }
    pages(&mut load, scale.messages, report)?;
    // Checking all of them would take longer than everything else.
    verify_rooms(&mut load, 0..2)?;
    drop(load);
    server.stop()?;
    for _ in 0..3 {
        let (server, took) = Process::server(&scale.program, folder.path(), scale.cores)?;
        let what = format!("start on {} messages, to the first welcome", scale.messages);
        report.add(what, took.as_secs_f64() * 1e3, "ms", Goal::AtMost(50.0));
        server.stop()?;
    }
    Ok(())
}

/// Writes until there are this many messages.
fn fill(load: &mut Load, messages: u64) -> anyhow::Result<()> {
    load.progress.about(&format!("filling up to {messages}"));
    load.begin(Work::Window { authors: 1..AUTHORS + 1, each: EACH });
    while load.rooms.iter().map(|room| room.acknowledged.len() as u64).sum::<u64>() < messages {
        load.step(Duration::from_millis(100))?;
    }
    load.finish()
}

/// Returns numbers without a pattern, the same every time (a linear congruential generator).
fn scattered() -> impl FnMut(u64) -> u64 {
    let mut state = 1_u64;
    move |below| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % below.max(1)
    }
}

fn pages(load: &mut Load, messages: u64, report: &mut Report) -> anyhow::Result<()> {
    load.progress.about("pages");
    let (mut next, mut times) = (scattered(), histogram()?);
    for _ in 0..ASKED {
        let room = usize::try_from(next(ROOMS as u64))?;
        let place = 1 + room % AUTHORS;
        let name = &load.rooms[room].name;
        let before = 2 + next(load.rooms[room].acknowledged.len() as u64);
        let json = format!(r#"{{"type":"history","id":3,"room":"{name}","before":{before},"limit":50}}"#);
        let began = Instant::now();
        load.ask(place, &json)?;
        times.saturating_record(u64::try_from(began.elapsed().as_nanos())?);
    }
    report.add(format!("a page of 50 anywhere in {messages}, p50"), ms(&times, 0.5), "ms", Goal::None);
    report.add(
        format!("a page of 50 anywhere in {messages}, p99"),
        ms(&times, 0.99),
        "ms",
        Goal::AtMost(5.0),
    );
    Ok(())
}

fn search(load: &mut Load, messages: u64, report: &mut Report) -> anyhow::Result<()> {
    load.progress.about("waiting for the index");
    let began = Instant::now();
    // Rooms are indexed in the order in which they were created. If the newest message of the last one is found,
    // everything is indexed.
    load.ask(
        LAST_PLACE,
        &format!(
            r#"{{"type":"send","id":3,"room":"{}","nonce":"last","text":"{LAST}"}}"#,
            load.rooms[ROOMS - 1].name
        ),
    )?;
    while !found(load)? {
        load.run_for(Duration::from_millis(200))?;
        anyhow::ensure!(began.elapsed() < INDEXED, "the newest message was not found within {INDEXED:?}");
    }
    load.progress.about("searches");
    let (mut next, mut times) = (scattered(), histogram()?);
    for n in 0..ASKED {
        let room = usize::try_from(next(ROOMS as u64))?;
        let acknowledged = &load.rooms[room].acknowledged;
        let (_, number) = acknowledged[usize::try_from(next(acknowledged.len() as u64))?];
        let (word, usual) = (frame::word(number), frame::usual(number));
        let text = match n % 5 {
            0 => word,
            1 => format!("{usual} {word}"),
            2 => usual,
            3 => "something".to_owned(),
            // One word that few messages have, and one that all have.
            _ => format!("people {word}"),
        };
        let json = format!(r#"{{"type":"search","id":3,"query":"{text}","limit":50}}"#);
        let began = Instant::now();
        // The creator may read all rooms, an author only one.
        load.ask(if n % 8 < 4 { 0 } else { 1 + room % AUTHORS }, &json)?;
        times.saturating_record(u64::try_from(began.elapsed().as_nanos())?);
    }
    report.add(format!("search over {messages}, p50"), ms(&times, 0.5), "ms", Goal::None);
    report.add(format!("search over {messages}, p99"), ms(&times, 0.99), "ms", Goal::AtMost(30.0));
    Ok(())
}

fn found(load: &mut Load) -> anyhow::Result<bool> {
    let answer = load.ask(LAST_PLACE, &format!(r#"{{"type":"search","id":3,"query":"{LAST}"}}"#))?;
    Ok(memchr::memmem::find(&answer, b"\"seq\":").is_some())
}
