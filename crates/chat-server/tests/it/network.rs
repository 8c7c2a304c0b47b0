//! The same conversation through a network that delays, cuts and stalls.

use std::time::Duration;

use serde_json::json;
use testbed::proxy::{Pieces, Proxy, Way};

use crate::support::{Host, Peer, Server};

/// Alice connects directly, and bob through a proxy.
async fn apart() -> (Server, Proxy, Peer, Peer) {
    let server = Server::start().await;
    let proxy = Proxy::start(server.address).await;
    let alice = server.member("alice").await;
    let mut bob = Peer::through(proxy.address, server.address).await;
    bob.hello("bob").await;
    bob.join("general").await;
    (server, proxy, alice, bob)
}

#[tokio::test]
async fn frames_come_whole_through_a_network_that_cuts_them_into_pieces() {
    let (server, proxy, mut alice, mut bob) = apart().await;
    for (n, pieces) in [Pieces::Bytes, Pieces::Random(1), Pieces::Random(2)].into_iter().enumerate() {
        let way = Way { pieces, ..Way::default() };
        proxy.set(way, way);
        let text = format!("{pieces:?} {}", "größer ".repeat(100));
        bob.say("general", &format!("b{n}"), &text).await;
        alice.say("general", &format!("a{n}"), &text).await;
        let heard = bob.hear(|frame| frame["type"] == "message" && frame["by"]["name"] == "alice").await;
        assert_eq!(heard["text"], text.trim());
        // A handshake in pieces as well.
        let mut carol = Peer::through(proxy.address, server.address).await;
        carol.hello(&format!("carol{n}")).await;
    }
}

#[tokio::test]
async fn who_was_cut_off_in_the_middle_of_a_frame_gets_exactly_what_was_missed() {
    let (server, proxy, mut alice, mut bob) = apart().await;
    for cut_after in [1, 40, 700, 5000] {
        let before = alice.say("general", &format!("before{cut_after}"), "before").await;
        bob.hear(|frame| frame["seq"] == before).await;
        // Cut the connection after what it has carried and this many more bytes.
        proxy.set(Way::default(), Way { cut_after: Some(cut_after), ..Way::default() });
        for n in 0..10 {
            alice.say("general", &format!("{cut_after}-{n}"), &"text ".repeat(200)).await;
        }
        assert_eq!(bob.end().await.1, None, "it was cut");
        proxy.set(Way::default(), Way::default());
        let (token, log) = (bob.token.clone(), bob.log.clone());
        bob = Peer::through(proxy.address, server.address).await;
        bob.resume(&token, &log, json!({"general": before})).await;
        for seq in before + 1..=before + 10 {
            assert_eq!(bob.hear_type("message").await["seq"], seq);
        }
    }
    drop(server);
}

#[tokio::test]
async fn a_reset_and_a_half_close_end_a_session_and_nothing_else() {
    let (server, proxy, mut alice, mut bob) = apart().await;
    proxy.reset();
    assert_eq!(bob.end().await.1, None);
    let mut bob = Peer::through(proxy.address, server.address).await;
    bob.hello("bob2").await;
    bob.join("general").await;
    proxy.set(Way { is_half_closed: true, ..Way::default() }, Way::default());
    // The server sees that nothing more will arrive.
    bob.end().await;
    alice.say("general", "n", "still there").await;
    drop(server);
}

#[tokio::test]
async fn a_stalled_reader_holds_up_nobody_and_a_slow_one_gets_everything() {
    let (_server, proxy, mut alice, mut bob) = apart().await;
    let stalled = Way { is_stalled: true, ..Way::default() };
    proxy.set(Way::default(), stalled);
    let first = alice.say("general", "s0", "first").await;
    for n in 1..30 {
        alice.say("general", &format!("s{n}"), "while bob is stalled").await;
    }
    proxy.set(Way::default(), Way { rate: Some(6000), ..Way::default() });
    for seq in first..first + 30 {
        assert_eq!(bob.hear_type("message").await["seq"], seq);
    }
    let late = Way { delay: Duration::from_millis(30), ..Way::default() };
    proxy.set(late, late);
    bob.say("general", "late", "late but whole").await;
}
