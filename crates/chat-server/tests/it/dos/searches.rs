//! Searches that could be expensive.

use serde_json::json;

use super::processor;
use crate::support::{Peer, Process};

/// Returns what a search costs a server, in ticks of a hundredth of a second.
async fn cost(server: &Process, peer: &mut Peer, query: &str) -> u64 {
    let before = processor(server);
    for _ in 0..5 {
        let reply = peer.ask(json!({"type": "search", "query": query, "limit": 200})).await;
        assert!(reply["type"] == "results" || reply["code"] == "bad_request", "{reply}");
    }
    (processor(server) - before) / 5
}

/// A query of 500 bytes is cheap, whatever it and the messages contain.
#[tokio::test]
async fn no_query_is_dear() {
    let dir = tempfile::tempdir().unwrap();
    let server = Process::start(dir.path());
    let mut alice = Peer::connect(server.address).await;
    alice.hello("alice").await;
    alice.join("general").await;
    for n in 0..3000 {
        alice.say("general", &format!("n{n}"), &"的是".repeat(600)).await;
    }
    alice.say("general", "last", "the end").await;
    // The first search updates the index.
    cost(&server, &mut alice, "end").await;
    let letters: String =
        "abcdefghijklmnopqrstuvwxyz".chars().flat_map(|c| [c, ' ']).cycle().take(500).collect();
    for query in [
        format!("\"{}是\"", "的是".repeat(83)),
        "的是".repeat(83),
        format!("{}x", "的 ".repeat(120)),
        letters,
        "是是是".to_owned(),
    ] {
        let ticks = cost(&server, &mut alice, &query).await;
        // Texts are examined for 0.15 s. Without optimization, snippets of two hundred of them take as long again.
        assert!(ticks <= 100, "{ticks} ticks for {query}");
    }
}
