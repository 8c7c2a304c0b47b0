//! Unread messages and mentions: the counts are right, whatever is deleted, edited, read or marked as unread.

use serde_json::json;
use testbed::Chance;

use crate::support::{Host, Peer, Process, Server, get};

/// A message as the test remembers it.
struct Said {
    by_alice: bool,
    names_alice: bool,
    is_deleted: bool,
}

async fn counts(peer: &mut Peer) -> (u64, u64) {
    let rooms = peer.must(json!({"type": "rooms"})).await;
    let room = &rooms["rooms"][0];
    (room["unread"].as_u64().unwrap(), room["mentions"].as_u64().unwrap())
}

#[tokio::test]
async fn counts_follow_the_log_through_anything() {
    let server = Server::start().await;
    let (mut alice, mut bob) = (server.member("alice").await, server.member("bob").await);
    let mut chance = Chance::new(12);
    let mut log: Vec<Option<Said>> = Vec::new();
    let mut read = 0;
    for step in 0..900 {
        let seq = |chance: &mut Chance, log: &[Option<Said>]| chance.below(log.len().max(1) as u64) as usize;
        let text = |names: bool| if names { "hello @alice" } else { "hello" };
        match chance.below(10) {
            0 if !log.is_empty() => {
                let at = seq(&mut chance, &log);
                if let Some(said) = log[at].as_mut().filter(|said| !said.is_deleted) {
                    let author = if said.by_alice { &mut alice } else { &mut bob };
                    author.must(json!({"type": "delete", "room": "general", "seq": at + 1})).await;
                    said.is_deleted = true;
                    log.push(None);
                }
            }
            1 if !log.is_empty() => {
                let at = seq(&mut chance, &log);
                if let Some(said) = log[at].as_mut().filter(|said| !said.is_deleted) {
                    let author = if said.by_alice { &mut alice } else { &mut bob };
                    let names = !said.names_alice;
                    let text = format!("{} again", text(names));
                    author
                        .must(json!({"type": "edit", "room": "general", "seq": at + 1, "text": text}))
                        .await;
                    said.names_alice = names;
                    log.push(None);
                }
            }
            2 => {
                read = chance.below(log.len() as u64 + 1);
                alice.must(json!({"type": "read", "room": "general", "seq": read})).await;
            }
            _ => {
                let (by_alice, names_alice) = (chance.below(4) == 0, chance.below(3) == 0);
                let author = if by_alice { &mut alice } else { &mut bob };
                let at = author.say("general", &format!("n{step}"), text(names_alice)).await;
                assert_eq!(at, log.len() as u64 + 1);
                log.push(Some(Said { by_alice, names_alice, is_deleted: false }));
            }
        }
        if step % 7 == 0 {
            let unread = log.iter().skip(read as usize).flatten();
            let unread: Vec<_> = unread.filter(|said| !said.by_alice && !said.is_deleted).collect();
            let mentions = unread.iter().filter(|said| said.names_alice).count() as u64;
            assert_eq!(counts(&mut alice).await, (unread.len() as u64, mentions), "step {step}, read {read}");
        }
    }
    assert!(log.len() > 500 && get(server.address, "/healthz", "").await.contains("200"));
}

/// Returns what a list of rooms costs, in ticks of a hundredth of a second.
async fn cost(server: &Process, peer: &mut Peer) -> u64 {
    let before = crate::dos::processor(server);
    for _ in 0..300 {
        peer.must(json!({"type": "rooms"})).await;
    }
    crate::dos::processor(server) - before
}

#[tokio::test]
async fn ten_unread_messages_cost_as_much_as_thousands() {
    let dir = tempfile::tempdir().unwrap();
    let server = Process::start(dir.path());
    let mut reader = Peer::connect(server.address).await;
    reader.hello("reader").await;
    reader.join("general").await;
    let mut writer = Peer::connect(server.address).await;
    writer.hello("writer").await;
    writer.join("general").await;
    for n in 0..5000 {
        writer.try_say("general", &format!("hello-{n}")).await.unwrap();
    }
    reader.must(json!({"type": "read", "room": "general", "seq": 4990})).await;
    assert_eq!(counts(&mut reader).await, (10, 0));
    let few = cost(&server, &mut reader).await;
    reader.must(json!({"type": "read", "room": "general", "seq": 0})).await;
    assert_eq!(counts(&mut reader).await, (5000, 0));
    let many = cost(&server, &mut reader).await;
    assert!(many <= 2 * few + 10, "{many} ticks against {few}");
}
