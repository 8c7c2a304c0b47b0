//! Guests cannot use up the rooms of a server: a new name brings no new quota.

use serde_json::{Value, json};

use crate::support::{Accounts, Host, PASSWORD, Peer, Server, bearer, post};

async fn create(peer: &mut Peer, room: &str) -> Value {
    peer.ask(json!({"type": "create", "room": room})).await
}

#[tokio::test]
async fn guests_of_one_address_make_a_hundred_rooms_a_day() {
    let server = Server::with(|config| config.rate_limit = true).await;
    let (mut last, _other) = (server.member("last").await, server.member("other").await);
    last.must(json!({"type": "direct", "user": "other"})).await;
    // A direct room counts as well, and each guest can create at most ten at once.
    for n in 0..11 {
        let mut guest = server.member(&format!("guest-{n}")).await;
        for m in 0..9 {
            let made = create(&mut guest, &format!("room-{n}-{m}")).await;
            assert_eq!(made["type"], "joined", "{made}");
        }
    }
    for asked in [json!({"type": "create", "room": "more"}), json!({"type": "direct", "user": "guest-1"})] {
        let refused = last.error(asked).await;
        assert_eq!(refused["code"], "rate_limited");
        let message = refused["message"].as_str().unwrap();
        assert!(
            message.starts_with("Guests from your address have made 100 rooms within a day."),
            "{message}"
        );
        assert!((1..=864_001).contains(&refused["retry_after_ms"].as_u64().unwrap()));
    }
    last.must(json!({"type": "direct", "user": "other"})).await;
    let mut account = server.account("account").await;
    assert_eq!(create(&mut account, "more").await["type"], "joined");
}

#[tokio::test]
async fn a_guest_makes_twenty_rooms_and_an_account_more() {
    let server = Server::with(|config| config.rate_limit = true).await;
    let mut guest = server.member("alice").await;
    let token = guest.token.clone();
    let mut running = server;
    // Ten at once: a restart is quicker than waiting.
    for batch in 0..2 {
        for n in 0..10 {
            let made = create(&mut guest, &format!("room-{batch}-{n}")).await;
            assert_eq!(made["type"], "joined", "{made}");
        }
        drop(guest);
        let (address, dir) = running.stop().await;
        running = Server::on(address, dir, |config| config.rate_limit = true).await;
        guest = running.peer().await;
        guest.come(&token).await;
    }
    let refused = create(&mut guest, "more").await;
    assert_eq!(refused["code"], "forbidden", "{refused}");
    assert_eq!(refused["message"], "You have made 20 rooms, the limit for guests. Register to make more.");
    let credentials = json!({"name": "alice", "password": PASSWORD});
    let token = post(running.address, "/api/register", &bearer(&token), credentials).await.token();
    let mut account = running.peer().await;
    account.come(&token).await;
    assert_eq!(create(&mut account, "more").await["type"], "joined");
}
