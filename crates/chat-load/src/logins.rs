//! Logins at full rate, and what messages feel of it.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::peer::Peer;
use crate::row;
use crate::server::Server;

/// How many log in at once.
const AT_ONCE: usize = 16;

/// The time between two messages.
const EVERY: Duration = Duration::from_millis(5);

/// Who logs in.
const BODY: &str = r#"{"name":"margarethe","password":"four words of nonsense"}"#;

/// Measures the time to an acknowledgement alone, and again while many log in.
pub(crate) async fn measure(server: &Server, time: Duration) -> anyhow::Result<()> {
    ensure!(post(server.address, "/api/register").await? == 200, "the account cannot be made");
    let mut peer = Peer::member(server.address, "writer").await?;
    paced(&mut peer, "warm", Duration::from_secs(1)).await?;
    let alone = paced(&mut peer, "alone", time).await?;
    let (done, stop) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicBool::new(false)));
    let (began, cpu) = (Instant::now(), server.cpu()?);
    let logins: Vec<_> =
        (0..AT_ONCE).map(|_| tokio::spawn(log_in(server.address, done.clone(), stop.clone()))).collect();
    let among = paced(&mut peer, "among", time).await?;
    stop.store(true, Ordering::Relaxed);
    let (took, cpu) = (began.elapsed(), server.cpu()? - cpu);
    for login in logins {
        login.await??;
    }
    let count = done.load(Ordering::Relaxed) as f64;
    row(&format!("logins/s, {AT_ONCE} at once"), &format!("{:.0}", count / took.as_secs_f64()));
    row(
        "server CPU meanwhile, of one core",
        &format!("{:.0} %", 100.0 * cpu.as_secs_f64() / took.as_secs_f64()),
    );
    row("send to acknowledgement, 200/s: p50, p99", &show(&alone));
    row("the same while they log in: p50, p99", &show(&among));
    Ok(())
}

fn show(samples: &[Duration]) -> String {
    let at = |part: usize| {
        samples.get(samples.len() * part / 100).copied().unwrap_or_default().as_secs_f64() * 1e3
    };
    format!("{:.2} ms, {:.2} ms", at(50), at(99))
}

/// Sends at a steady pace; answers the times from when each should have been sent, sorted.
async fn paced(peer: &mut Peer, prefix: &str, time: Duration) -> anyhow::Result<Vec<Duration>> {
    let began = Instant::now();
    let mut samples = Vec::new();
    for n in 0.. {
        let intended = began + EVERY * n;
        if intended.duration_since(began) >= time {
            break;
        }
        tokio::time::sleep_until(intended.into()).await;
        let json =
            format!(r#"{{"type":"send","id":{n},"room":"general","nonce":"{prefix}-{n}","text":"steady"}}"#);
        peer.ask(&json, b"\"type\":\"ok\"").await?;
        samples.push(intended.elapsed());
    }
    samples.sort();
    Ok(samples)
}

async fn log_in(address: SocketAddr, done: Arc<AtomicU64>, stop: Arc<AtomicBool>) -> anyhow::Result<()> {
    while !stop.load(Ordering::Relaxed) {
        if post(address, "/api/login").await? == 200 {
            done.fetch_add(1, Ordering::Relaxed);
        }
    }
    Ok(())
}

/// The status that a `POST` of [`BODY`] is answered with.
async fn post(address: SocketAddr, path: &str) -> anyhow::Result<u16> {
    let mut stream = TcpStream::connect(address).await?;
    let request = format!(
        "POST {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{BODY}",
        BODY.len()
    );
    stream.write_all(request.as_bytes()).await?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await?;
    let status = answer.get(9..12).and_then(|status| std::str::from_utf8(status).ok()?.parse().ok());
    status.context("no answer to a login")
}
