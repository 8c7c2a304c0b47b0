//! A full disk: nothing is acknowledged, reading still works, and sending works again once there is space.

use std::process::Command;

use rustix::process::{Pid, Resource, Rlimit, prlimit};
use serde_json::json;

use crate::support::{Peer, Process, get};

/// Limits the size of the server's files to `bytes`, which looks like a full disk to it.
fn limit_files(server: &Process, bytes: Option<u64>) {
    let pid = Pid::from_raw(server.id().try_into().unwrap());
    prlimit(pid, Resource::Fsize, Rlimit { current: bytes, maximum: None }).unwrap();
}

#[tokio::test]
async fn a_full_disk_acknowledges_nothing_reading_goes_on_and_so_does_sending_later() {
    let dir = tempfile::tempdir().unwrap();
    let mut command = Command::new("sh");
    // Without the trap the system would kill a process that writes too far, instead of failing the write.
    command.args(["-c", "trap '' XFSZ; exec \"$0\" \"$@\"", env!("CARGO_BIN_EXE_chat-server")]);
    command.args(["--listen", "127.0.0.1:0", "--rate-limit", "off", "--data-dir"]).arg(dir.path());
    let server = Process::spawn(command);
    let mut alice = Peer::connect(server.address).await;
    alice.hello("alice").await;
    alice.join("general").await;
    let mut acknowledged = 0_u64;
    for n in 0..20 {
        acknowledged = alice.say("general", &format!("before{n}"), "on disk").await;
    }
    let wal = std::fs::metadata(dir.path().join("chat.db-wal")).unwrap().len();
    limit_files(&server, Some(wal + 20_000));
    // One or two may still fit, but soon none does.
    let mut n = 0;
    let refused = loop {
        let frame =
            json!({"type": "send", "room": "general", "nonce": format!("full{n}"), "text": "x".repeat(4000)});
        let reply = alice.ask(frame.clone()).await;
        if reply["type"] == "error" {
            assert_eq!(reply["code"], "unavailable");
            break frame;
        }
        acknowledged = reply["seq"].as_u64().unwrap();
        n += 1;
        assert!(n < 100, "the limit takes effect");
    };
    for _ in 0..3 {
        assert_eq!(alice.refused(refused.clone()).await, "unavailable");
    }
    // One page may have still fitted, but now not even that.
    limit_files(&server, Some(wal));
    assert!(get(server.address, "/readyz", "").await.starts_with("HTTP/1.1 503"));
    assert!(get(server.address, "/healthz", "").await.starts_with("HTTP/1.1 200"));
    assert_eq!(alice.whole_room("general").await.len() as u64, acknowledged, "reading goes on");
    limit_files(&server, None);
    let reply = alice.ask(refused).await;
    assert_eq!((&reply["type"], &reply["seq"]), (&json!("ok"), &json!(acknowledged + 1)), "no hole");
    assert!(get(server.address, "/readyz", "").await.starts_with("HTTP/1.1 200"));
    server.kill();
    let server = Process::start(dir.path());
    let mut bob = Peer::connect(server.address).await;
    bob.hello("bob").await;
    bob.join("general").await;
    assert_eq!(bob.whole_room("general").await.len() as u64, acknowledged + 1);
}
