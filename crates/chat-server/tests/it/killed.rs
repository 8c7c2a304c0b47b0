//! A server that is killed under load.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use serde_json::json;

use crate::support::{Peer, Process, seqs};

/// Kills the server under load again and again. What was acknowledged must be there, once, in its place.
#[tokio::test]
async fn nothing_acknowledged_is_lost_when_the_server_is_killed_under_load() {
    let dir = tempfile::tempdir().unwrap();
    let mut acknowledged: Vec<(u64, String)> = Vec::new();
    let mut sent = std::collections::HashSet::new();
    let mut tokens: Vec<Option<String>> = vec![None; 4];
    for round in 0..6_u64 {
        let server = Process::start(dir.path());
        let mut writers = Vec::new();
        for (w, token) in tokens.iter().enumerate() {
            let mut peer = Peer::connect(server.address).await;
            match token {
                Some(token) => peer.resume(token, "", json!({})).await,
                None => peer.hello(&format!("writer{w}")).await,
            };
            peer.join("general").await;
            writers.push(peer);
        }
        for (token, peer) in tokens.iter_mut().zip(&writers) {
            *token = Some(peer.token.clone());
        }
        let answers = Arc::new(AtomicU64::new(0));
        let tasks: Vec<_> = writers
            .into_iter()
            .enumerate()
            .map(|(w, mut peer)| {
                let answers = answers.clone();
                tokio::spawn(async move {
                    let (mut acked, mut tried) = (Vec::new(), Vec::new());
                    for n in 0..5000 {
                        let text = format!("{round}-{w}-{n}");
                        tried.push(text.clone());
                        match peer.try_say("general", &text).await {
                            Some(seq) => {
                                answers.fetch_add(1, Ordering::Relaxed);
                                acked.push((seq, text));
                            }
                            None => break,
                        }
                    }
                    (acked, tried)
                })
            })
            .collect();
        // At another point of the load in each round.
        while answers.load(Ordering::Relaxed) < 40 + 37 * round {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        server.kill();
        for task in tasks {
            let (acked, tried) = task.await.unwrap();
            assert!(tried.len() < 5000, "the kill came under load");
            acknowledged.extend(acked);
            sent.extend(tried);
        }
    }
    let server = Process::start(dir.path());
    let mut reader = Peer::connect(server.address).await;
    reader.hello("reader").await;
    reader.join("general").await;
    let room = reader.whole_room("general").await;
    assert_eq!(seqs(&room), (1..=room.len() as u64).collect::<Vec<_>>(), "dense");
    for (seq, text) in &acknowledged {
        assert_eq!(room[usize::try_from(*seq).unwrap() - 1]["text"], text.as_str());
    }
    let mut texts: Vec<&str> = room.iter().map(|m| m["text"].as_str().unwrap()).collect();
    assert!(texts.iter().all(|text| sent.contains(*text)), "nothing is invented");
    texts.sort_unstable();
    let all = texts.len();
    texts.dedup();
    assert_eq!(texts.len(), all, "nothing is there twice");
}
