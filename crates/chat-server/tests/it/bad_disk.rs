//! A disk that fails, is slow or writes less than it was given: nothing is acknowledged that is not stored, and the
//! server works again without a restart.

use std::path::Path;

use serde_json::json;
use testbed::faults::{Fault, Faults, Kind, Loss};
use testbed::{Client, Process};

fn binary() -> &'static Path {
    Path::new(env!("CARGO_BIN_EXE_chat-server"))
}

const WRITES: [Kind; 2] = [Kind::DbWrite, Kind::WalWrite];
const SYNCS: [Kind; 2] = [Kind::DbSync, Kind::WalSync];

async fn member(server: &Process, name: &str) -> Client {
    let mut client = Client::connect(server.address, json!({"name": name})).await.unwrap();
    client.ask(json!({"type": "join", "room": "general"})).await.unwrap();
    client
}

/// Sends one message and returns its seq, or `None` if the server cannot store it.
async fn send(client: &mut Client, nonce: &str) -> Option<u64> {
    let frame = json!({"type": "send", "room": "general", "nonce": nonce, "text": format!("{nonce} {}", "x".repeat(3000))});
    let reply = client.ask(frame).await.unwrap();
    match reply["type"].as_str() {
        Some("ok") => reply["seq"].as_u64(),
        _ => {
            assert_eq!(reply["code"], "unavailable", "{reply}");
            None
        }
    }
}

/// Sends until the fault has happened a few times, then without the fault. Then kills the server, with or without a
/// power loss.
async fn meets(fault: Fault, kinds: &[Kind], must_fail: bool, loses_power: bool) {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("data");
    let faults = Faults::new(&data);
    faults.remember();
    let server = Process::start(binary(), &data, Some(&faults)).unwrap();
    let mut alice = member(&server, "alice").await;
    let mut acknowledged: Vec<(u64, String)> = Vec::new();
    for n in 0..60 {
        match n {
            10 => faults.arm(fault, kinds, 3, 0),
            30 => {
                assert!(faults.fired() > 0, "{fault:?} {kinds:?}");
                faults.disarm();
            }
            _ => {}
        }
        let nonce = format!("n{n}");
        match send(&mut alice, &nonce).await {
            Some(seq) => acknowledged.push((seq, nonce)),
            None => assert!((10..30).contains(&n), "{fault:?} {kinds:?}: message {n}"),
        }
    }
    assert_eq!(acknowledged.len() < 60, must_fail, "{fault:?} {kinds:?}: {}", acknowledged.len());
    // When the failed messages are sent again, each is stored once.
    for n in 10..30 {
        let seq = send(&mut alice, &format!("n{n}")).await.unwrap();
        assert!(acknowledged.iter().all(|(old, nonce)| *old != seq || *nonce == format!("n{n}")));
        acknowledged.push((seq, format!("n{n}")));
    }
    server.kill();
    if loses_power {
        faults.lose_power(Loss::All);
    }
    let server = Process::start(binary(), &data, None).unwrap();
    let room = member(&server, "bob").await.whole_room("general").await.unwrap();
    assert_eq!(room.len(), 60, "each once");
    for (seq, nonce) in acknowledged {
        assert_eq!(room[usize::try_from(seq).unwrap() - 1]["nonce"], nonce.as_str());
    }
}

#[tokio::test]
async fn failing_writes() {
    meets(Fault::Eio, &WRITES, true, false).await;
    meets(Fault::Enospc, &WRITES, true, true).await;
}

#[tokio::test]
async fn failing_syncs_with_and_without_power() {
    meets(Fault::Eio, &SYNCS, true, false).await;
    meets(Fault::Eio, &SYNCS, true, true).await;
}

#[tokio::test]
async fn short_writes_and_slow_syncs() {
    meets(Fault::Short, &WRITES, false, true).await;
    meets(Fault::Slow(30), &SYNCS, false, true).await;
}

#[tokio::test]
async fn an_upload_that_fails_leaves_nothing_and_the_chat_goes_on() {
    const KINDS: [Kind; 3] = [Kind::OtherWrite, Kind::OtherSync, Kind::Name];
    for (fault, at) in
        [(Fault::Eio, 1), (Fault::Eio, 2), (Fault::Enospc, 3), (Fault::Eio, 4), (Fault::Eio, 6)]
    {
        let dir = tempfile::tempdir().unwrap();
        let data = dir.path().join("data");
        let faults = Faults::new(&data);
        let server = Process::start(binary(), &data, Some(&faults)).unwrap();
        let mut alice = member(&server, "alice").await;
        faults.arm(fault, &KINDS, at, 1);
        let head = format!(
            "POST /api/files HTTP/1.1\r\nContent-Type: multipart/form-data; boundary=XX\r\nAuthorization: Bearer {}\r\n",
            alice.token
        );
        let body =
            b"--XX\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a\"\r\n\r\nabc\r\n--XX--\r\n";
        let (status, _) = testbed::http(server.address, &head, body).await.unwrap();
        assert_eq!(faults.fired(), 1, "{at}");
        assert_eq!(status, 503, "operation {at}");
        faults.disarm();
        send(&mut alice, "after").await.unwrap();
        let (status, _) = testbed::http(server.address, &head, body).await.unwrap();
        assert_eq!(status, 200, "operation {at}");
        assert_eq!(std::fs::read_dir(data.join("files/incoming")).unwrap().count(), 0, "operation {at}");
    }
}
