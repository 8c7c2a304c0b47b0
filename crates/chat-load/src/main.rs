//! Measures the release build of the server in one run: start, idle memory, fan-out, logins, acknowledged sends. It starts
//! each server itself, on loopback and on a folder that is gone afterwards.

mod logins;
mod peer;
mod server;

use std::io::Write;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use clap::Parser;
use tokio::task::JoinSet;

use crate::peer::Peer;
use crate::server::Server;

/// How many hellos are under way at once: the rest would only wait.
const AT_ONCE: usize = 100;

/// How long presence and what else follows an arrival may take to settle.
const SETTLE: Duration = Duration::from_secs(3);

/// Measures a chat server on this machine and prints a table.
#[derive(Debug, Parser)]
#[command(version, about)]
struct Flags {
    /// The server's program; without it, the one beside this one.
    #[arg(long)]
    server: Option<PathBuf>,
    /// Receivers of the fan-out.
    #[arg(long, default_value_t = 1000)]
    receivers: usize,
    /// Idle connections.
    #[arg(long, default_value_t = 5000)]
    idle: usize,
    /// Messages of the large database.
    #[arg(long, default_value_t = 1_000_000)]
    messages: u64,
    /// How long each rate is measured, in seconds.
    #[arg(long, default_value_t = 5)]
    seconds: u64,
}

fn main() -> anyhow::Result<()> {
    let flags = Flags::parse();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
    runtime.block_on(run(flags))
}

fn row(what: &str, figure: &str) {
    // Nobody to tell is no reason to stop.
    let _ = writeln!(std::io::stdout(), "| {what} | {figure} |");
}

async fn run(flags: Flags) -> anyhow::Result<()> {
    let program = match flags.server {
        Some(program) => program,
        None => std::env::current_exe()?.with_file_name("chat-server"),
    };
    row("what", "figure");
    row("---", "---");
    let dir = tempfile::tempdir()?;
    let (server, took) = Server::start(&program, dir.path()).await?;
    row("start to first welcome, empty database", &format!("{:.1} ms", took.as_secs_f64() * 1e3));
    idle(&server, flags.idle).await?;
    server.stop().await?;

    let dir = tempfile::tempdir()?;
    let (server, _) = Server::start(&program, dir.path()).await?;
    let time = Duration::from_secs(flags.seconds);
    fan_out(&server, flags.receivers, 1, 1, time).await?;
    fan_out(&server, flags.receivers, 8, 8, time).await?;
    server.stop().await?;

    let dir = tempfile::tempdir()?;
    let (server, _) = Server::start(&program, dir.path()).await?;
    logins::measure(&server, time).await?;
    server.stop().await?;

    let dir = tempfile::tempdir()?;
    let (server, _) = Server::start(&program, dir.path()).await?;
    sends(&server, 1, time).await?;
    sends(&server, 64, time).await?;
    fill(&server, flags.messages).await?;
    server.stop().await?;
    let (server, took) = Server::start(&program, dir.path()).await?;
    let what = format!("start to first welcome, {} messages", flags.messages);
    row(&what, &format!("{:.1} ms", took.as_secs_f64() * 1e3));
    server.stop().await
}

/// Connects `count` members of `general`.
async fn members(server: &Server, prefix: &str, count: usize) -> anyhow::Result<Vec<Peer>> {
    let mut peers = Vec::with_capacity(count);
    for some in (0..count).collect::<Vec<_>>().chunks(AT_ONCE) {
        let mut joining = JoinSet::new();
        for n in some {
            let (address, name) = (server.address, format!("{prefix}{n}"));
            joining.spawn(async move { Peer::member(address, &name).await });
        }
        while let Some(joined) = joining.join_next().await {
            peers.push(joined??);
        }
    }
    Ok(peers)
}

async fn idle(server: &Server, count: usize) -> anyhow::Result<()> {
    let before = server.resident_kib()?;
    let began = Instant::now();
    let peers = members(server, "idle", count).await?;
    let connected = began.elapsed();
    // What they were sent meanwhile is read, as idle clients would.
    let reading: Vec<_> = peers.into_iter().map(|peer| tokio::spawn(peer.count(Arc::default()))).collect();
    tokio::time::sleep(SETTLE).await;
    let each = (server.resident_kib()? - before) as f64 / count as f64;
    row(&format!("memory of an idle, joined connection, {count} of them"), &format!("{each:.2} KiB"));
    row(&format!("{count} new guests connected and joined in"), &format!("{:.2} s", connected.as_secs_f64()));
    for task in reading {
        task.abort();
    }
    Ok(())
}

async fn fan_out(
    server: &Server,
    count: usize,
    writers: usize,
    each: u64,
    time: Duration,
) -> anyhow::Result<()> {
    let delivered = Arc::new(AtomicU64::new(0));
    let prefix = format!("r{writers}-");
    let receivers = members(server, &prefix, count - writers).await?;
    let writing = members(server, &format!("w{writers}-"), writers).await?;
    let reading: Vec<_> =
        receivers.into_iter().map(|peer| tokio::spawn(peer.count(delivered.clone()))).collect();
    tokio::time::sleep(SETTLE).await;
    let (cpu, began) = (server.cpu()?, Instant::now());
    let before = delivered.load(Ordering::Relaxed);
    let mut pouring = JoinSet::new();
    for peer in writing {
        pouring.spawn(peer.pour(each, began + time, u64::MAX, delivered.clone()));
    }
    let mut sent = 0;
    while let Some(poured) = pouring.join_next().await {
        sent += poured??;
    }
    // Each message reaches everyone, its author included.
    let all = before + sent * count as u64;
    let deadline = Instant::now() + Duration::from_secs(30);
    while delivered.load(Ordering::Relaxed) < all {
        ensure!(
            Instant::now() < deadline,
            "{} of {all} deliveries arrived",
            delivered.load(Ordering::Relaxed)
        );
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    let (took, cpu) = (began.elapsed().as_secs_f64(), server.cpu()? - cpu);
    let deliveries = (sent * count as u64) as f64;
    let what = format!("{count} receivers, {} in flight", writers as u64 * each);
    row(&format!("{what}: deliveries/s"), &format!("{:.0}", deliveries / took));
    row(
        &format!("{what}: server CPU per delivery"),
        &format!("{:.3} µs", cpu.as_secs_f64() * 1e6 / deliveries),
    );
    for task in reading {
        task.abort();
    }
    Ok(())
}

async fn sends(server: &Server, in_flight: u64, time: Duration) -> anyhow::Result<()> {
    let peer = Peer::member(server.address, &format!("s{in_flight}")).await?;
    let (cpu, began) = (server.cpu()?, Instant::now());
    let sent = peer.pour(in_flight, began + time, u64::MAX, Arc::default()).await?;
    let (took, cpu) = (began.elapsed().as_secs_f64(), server.cpu()? - cpu);
    row(&format!("acknowledged sends/s, {in_flight} in flight"), &format!("{:.0}", sent as f64 / took));
    row(
        &format!("server CPU per send, {in_flight} in flight"),
        &format!("{:.1} µs", cpu.as_secs_f64() * 1e6 / sent as f64),
    );
    Ok(())
}

async fn fill(server: &Server, messages: u64) -> anyhow::Result<()> {
    let peer = Peer::member(server.address, "filler").await?;
    let forever = Instant::now() + Duration::from_secs(24 * 3600);
    let sent = peer.pour(200, forever, messages, Arc::default()).await.context("filling the database")?;
    ensure!(sent >= messages, "only {sent} messages were stored");
    Ok(())
}
