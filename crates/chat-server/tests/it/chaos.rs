//! Crashes of every kind under mixed load. `cargo xtask chaos` runs more of them.

use std::path::Path;

use testbed::chaos::{Plan, run};

fn binary() -> &'static Path {
    Path::new(env!("CARGO_BIN_EXE_chat-server"))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fifty_crashes_lose_nothing() {
    let report = run(binary(), Plan { cycles: 50, seed: 1, disk_lies: false }).await;
    assert_eq!(report.failures(), 0, "{report}");
    assert!(report.acknowledged > 500 && report.lost_writes > 0, "{report}");
}

/// Tests the checker itself: it detects what a disk loses that lies about its syncs.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_disk_that_lies_is_found_out() {
    let report = run(binary(), Plan { cycles: 8, seed: 2, disk_lies: true }).await;
    let failed = |check: &str| report.checks.get(check).map_or(0, |(_, failed)| *failed);
    assert!(failed("an acknowledged message is at its seq") > 0, "{report}");
    assert!(failed("what anyone saw is in the log") > 0, "{report}");
    assert!(failed("an uploaded file is whole") > 0, "{report}");
}
