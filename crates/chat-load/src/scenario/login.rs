//! Logins at full rate, and their effect on messages.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use anyhow::{Context, ensure};

use super::{Measured, Scale, ms, server};
use crate::load::{Kind, Load, Work};
use crate::report::{Goal, Report};

/// How many users log in at the same time.
const AT_ONCE: usize = 16;

/// Messages a second meanwhile.
const PACE: f64 = 200.0;

/// The user who logs in.
const BODY: &str = r#"{"name":"margarethe","password":"four words of nonsense"}"#;

pub(super) fn run(scale: &Scale, report: &mut Report) -> anyhow::Result<()> {
    let (server, _folder) = server(scale)?;
    ensure!(post(server.address, "/api/register")? == 200, "the account cannot be created");
    let mut load = Load::new(Kind::Chat, server.address, &["general".to_owned()], "connecting")?;
    load.connect("writer", 1, 0..1)?;
    let paced = |load: &mut Load, what: &str| {
        let work = Work::paced(0..1, PACE, load.now());
        Measured::of(&server, load, work, scale.time(), what)
    };
    let alone = paced(&mut load, "without logins")?;
    let (done, stop) = (AtomicU64::new(0), AtomicBool::new(false));
    let among = std::thread::scope(|threads| {
        let logging_in: Vec<_> = (0..AT_ONCE)
            .map(|_| {
                threads.spawn(|| {
                    while !stop.load(Ordering::Relaxed) {
                        if post(server.address, "/api/login")? == 200 {
                            done.fetch_add(1, Ordering::Relaxed);
                        }
                    }
                    anyhow::Ok(())
                })
            })
            .collect();
        let among = paced(&mut load, "among logins");
        stop.store(true, Ordering::Relaxed);
        for thread in logging_in {
            thread.join().map_err(|_| anyhow::anyhow!("a thread panicked"))??;
        }
        among
    })?;
    let rate = done.load(Ordering::Relaxed) as f64 / (among.took + 0.25);
    report.add(format!("logins, {AT_ONCE} at once"), rate, "/s", Goal::None);
    report.add("200 messages/s without logins: p99", ms(&alone.counts.to_ack, 0.99), "ms", Goal::None);
    report.add("200 messages/s among logins: p99", ms(&among.counts.to_ack, 0.99), "ms", Goal::None);
    server.stop()
}

/// Sends a `POST` with [`BODY`], and returns the status.
fn post(address: SocketAddr, path: &str) -> anyhow::Result<u16> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(Duration::from_secs(30)))?;
    let request = format!(
        "POST {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{BODY}",
        BODY.len()
    );
    stream.write_all(request.as_bytes())?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer)?;
    let status = answer.get(9..12).and_then(|status| std::str::from_utf8(status).ok()?.parse().ok());
    status.context("no answer to a login")
}
