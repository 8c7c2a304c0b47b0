//! Kicks, mutes and bans, in a room and on the whole server: notified, timed, lifted and logged.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use chat_server::clock::Clock;
use serde_json::{Value, json};

use crate::support::{Accounts, Host, PASSWORD, Peer, Server, bearer, operate, post};

#[tokio::test]
async fn mod_01_who_is_muted_reads_and_writes_nothing_on_any_road() {
    let server = Server::start().await;
    let mut alice = server.account("alice").await;
    alice.must(json!({"type": "create", "room": "dev"})).await;
    let mut bob = server.member("bob").await;
    bob.join("dev").await;
    let mut second = server.peer().await;
    second.come(&bob.token).await;
    let done = alice
        .must(json!({"type": "mute", "room": "dev", "user": "bob", "reason": "too loud", "for_ms": 600_000}))
        .await;
    assert_eq!(done["room"], "dev");
    for peer in [&mut bob, &mut second] {
        let event = peer.hear(|frame| frame["change"] == "muted").await;
        assert_eq!((&event["reason"], &event["by"]["name"]), (&json!("too loud"), &json!("alice")));
        assert!(event["until"].as_i64().unwrap() > event["at"].as_i64().unwrap());
        for frame in [
            json!({"type": "send", "room": "dev", "nonce": "n", "text": "x"}),
            json!({"type": "topic", "room": "dev", "topic": "x"}),
            json!({"type": "typing", "room": "dev"}),
            json!({"type": "invite", "room": "dev", "user": "alice"}),
        ] {
            let refused = peer.error(frame.clone()).await;
            assert!(
                ["muted", "forbidden"].contains(&refused["code"].as_str().unwrap()),
                "{frame}: {refused}"
            );
        }
        let refused = peer.error(json!({"type": "send", "room": "dev", "nonce": "n", "text": "x"})).await;
        let words = refused["message"].as_str().unwrap();
        assert!(words.contains("too loud") && words.contains("10 min"), "what, why, until when: {words}");
        peer.must(json!({"type": "history", "room": "dev", "before": 99})).await;
        peer.must(json!({"type": "read", "room": "dev", "seq": 1})).await;
    }
    bob.say("general", "g1", "elsewhere all is well").await;
    let members = alice.must(json!({"type": "members", "room": "dev", "prefix": "bob"})).await;
    assert_eq!(members["members"][0]["muted"], true);
    assert!(members["members"][0]["muted_until"].is_i64());
    let mut third = server.peer().await;
    let welcome = third.come(&bob.token).await;
    let dev = welcome["rooms"].as_array().unwrap().iter().find(|room| room["name"] == "dev").unwrap();
    assert_eq!(dev["muted"]["reason"], "too loud");
    alice.must(json!({"type": "unmute", "room": "dev", "user": "bob"})).await;
    bob.hear(|frame| frame["change"] == "unmuted").await;
    bob.say("dev", "n", "thank you").await;
    assert_eq!(
        alice.must(json!({"type": "unmute", "room": "dev", "user": "bob"})).await["seq"],
        Value::Null,
        "changes nothing"
    );
}

#[tokio::test]
async fn mod_03_mod_10_terms_end_by_the_clock_also_across_a_restart() {
    let now = Arc::new(AtomicI64::new(1_800_000_000_000));
    let time = now.clone();
    let clock = Clock::new(move || time.load(Ordering::SeqCst));
    let server = Server::with(|config| config.clock = clock.clone()).await;
    let mut alice = server.account("alice").await;
    alice.must(json!({"type": "create", "room": "dev"})).await;
    let mut bob = server.member("bob").await;
    bob.join("dev").await;
    alice.must(json!({"type": "mute", "room": "dev", "user": "bob", "for_ms": 60_000})).await;
    alice.must(json!({"type": "ban", "room": "dev", "user": "bob", "for_ms": 120_000})).await;
    assert_eq!(bob.refused(json!({"type": "join", "room": "dev"})).await, "banned");
    let (token, log) = (bob.token.clone(), bob.log.clone());
    let (address, dir) = server.stop().await;
    let server = Server::on(address, dir, |config| config.clock = clock.clone()).await;
    let mut bob = server.peer().await;
    let welcome = bob.resume(&token, &log, json!({"dev": 0})).await;
    assert!(!welcome.to_string().contains("\"dev\""));
    assert_eq!(bob.refused(json!({"type": "join", "room": "dev"})).await, "banned");
    now.fetch_add(90_000, Ordering::SeqCst);
    assert_eq!(bob.refused(json!({"type": "join", "room": "dev"})).await, "banned");
    now.fetch_add(30_000, Ordering::SeqCst);
    bob.join("dev").await;
    bob.say("dev", "n", "the mute is over as well").await;
}

#[tokio::test]
async fn mod_04_a_ban_from_the_server_closes_every_socket_and_every_spelling() {
    let server = Server::start().await;
    let mut admin = server.admin("boss").await;
    let mut bob = server.account("bob").await;
    let mut second = server.peer().await;
    second.come(&bob.token).await;
    let mut witness = server.member("carol").await;
    admin.must(json!({"type": "ban", "user": "bob", "reason": "spam", "for_ms": 3_600_000})).await;
    for peer in [&mut bob, &mut second] {
        let told = peer.hear_type("error").await;
        assert_eq!(told["code"], "banned");
        assert!(told["message"].as_str().unwrap().contains("spam"), "{told}");
        assert_eq!(peer.end().await, (Some("banned".into()), Some(1008)));
    }
    let event = witness.hear(|frame| frame["change"] == "banned").await;
    assert_eq!((&event["everywhere"], &event["user"]["name"]), (&json!(true), &json!("bob")));
    for hello in [
        json!({"type": "hello", "protocol": 1, "token": bob.token}),
        json!({"type": "hello", "protocol": 1, "name": "bob"}),
        json!({"type": "hello", "protocol": 1, "name": "BOB"}),
        json!({"type": "hello", "protocol": 1, "name": "b0b"}),
    ] {
        let mut peer = server.peer().await;
        assert_eq!(peer.refused(hello.clone()).await, "banned", "{hello}");
        assert_eq!(peer.end().await, (Some("banned".into()), Some(1008)));
    }
    for path in ["/api/login", "/api/register"] {
        let answer = post(server.address, path, "", json!({"name": "bob", "password": PASSWORD})).await;
        assert_eq!((answer.status, &answer.body["code"]), (403, &json!("banned")), "{path}");
    }
    assert_eq!(post(server.address, "/api/guest", "", json!({"name": "bob"})).await.status, 403);
    let change = json!({"old": PASSWORD, "new": "another phrase entirely"});
    assert_eq!(post(server.address, "/api/password", &bearer(&bob.token), change).await.status, 403);
    admin.must(json!({"type": "unban", "user": "bob"})).await;
    let mut back = server.peer().await;
    back.come(&bob.token).await;
    back.say("general", "n", "forgiven").await;
}

#[tokio::test]
async fn mod_04_mod_05_an_address_may_be_banned_with_it() {
    let server = Server::with(|config| config.trusted_proxies = vec!["127.0.0.1/32".parse().unwrap()]).await;
    let mut admin = server.admin("boss").await;
    let from = |address: &str| [("x-forwarded-for", address.to_owned())];
    let mut bob = Peer::connect_with(server.address, &from("2001:db8:1:2::3")).await;
    bob.hello("bob").await;
    bob.join("general").await;
    let mut neighbour = Peer::connect_with(server.address, &from("2001:db8:1:2::4")).await;
    neighbour.hello("carol").await;
    admin.must(json!({"type": "ban", "user": "bob", "address": "current", "reason": "spam"})).await;
    assert_eq!(bob.end().await.1, Some(1008));
    assert_eq!(neighbour.end().await.1, Some(1008), "the network of one customer");
    for (address, code) in [("2001:db8:1:2::ffff", Some("banned")), ("2001:db8:1:3::1", None)] {
        let mut peer = Peer::connect_with(server.address, &from(address)).await;
        let reply =
            peer.ask(json!({"type": "hello", "protocol": 1, "name": format!("x{}", &address[9..10])})).await;
        assert_eq!(reply["code"].as_str(), code, "{address}: {reply}");
    }
    // As IPv4-mapped IPv6 and as itself.
    admin.must(json!({"type": "ban", "address": "203.0.113.0/24"})).await;
    for address in ["203.0.113.7", "::ffff:203.0.113.9"] {
        let mut peer = Peer::connect_with(server.address, &from(address)).await;
        assert_eq!(peer.refused(json!({"type": "hello", "protocol": 1, "name": "dave"})).await, "banned");
        let answer = post(
            server.address,
            "/api/guest",
            &format!("X-Forwarded-For: {address}\r\n"),
            json!({"name": "dave"}),
        )
        .await;
        assert_eq!(answer.status, 403);
    }
    for address in ["127.0.0.1", "0.0.0.0/0", "::/0", "nonsense", "300.1.1.1"] {
        let asked = json!({"type": "ban", "address": address});
        assert_eq!(admin.refused(asked).await, "bad_request", "{address}");
    }
    admin.must(json!({"type": "unban", "address": "203.0.113.0/24"})).await;
    let mut peer = Peer::connect_with(server.address, &from("203.0.113.7")).await;
    peer.hello("dave").await;
    assert_eq!(
        admin.refused(json!({"type": "ban", "room": "general", "address": "192.0.2.1"})).await,
        "bad_request"
    );
}

#[tokio::test]
async fn a_mute_of_the_whole_server_counts_and_is_told_in_every_room() {
    let server = Server::start().await;
    let mut admin = server.admin("boss").await;
    let mut bob = server.member("bob").await;
    let made = bob.must(json!({"type": "create", "room": "his"})).await;
    assert_eq!(made["room"]["role"], "owner");
    let direct = bob.must(json!({"type": "direct", "user": "boss"})).await["room"]["name"].clone();
    admin.must(json!({"type": "mute", "user": "bob", "reason": "flood"})).await;
    for room in ["general", "his"] {
        let event = bob.hear(|frame| frame["change"] == "muted" && frame["room"] == room).await;
        assert_eq!(event["everywhere"], true);
    }
    for room in [json!("general"), json!("his"), direct] {
        let asked = json!({"type": "send", "room": room, "nonce": "n", "text": "x"});
        assert_eq!(bob.refused(asked).await, "muted", "{room}");
    }
    assert_eq!(bob.refused(json!({"type": "create", "room": "another"})).await, "muted");
    assert_eq!(bob.refused(json!({"type": "direct", "user": "boss"})).await, "muted");
    admin.must(json!({"type": "unmute", "user": "bob"})).await;
    bob.say("his", "n", "free").await;
    admin.must(json!({"type": "kick", "user": "bob", "reason": "out"})).await;
    bob.hear(|frame| frame["change"] == "kicked" && frame["room"] == "general").await;
    assert_eq!(bob.refused(json!({"type": "history", "room": "general", "before": 9})).await, "not_joined");
    bob.join("general").await;
}

#[tokio::test]
async fn mod_07_what_was_done_is_kept_for_admins_and_cannot_be_forged() {
    let server = Server::start().await;
    let mut admin = server.admin("boss").await;
    let mut alice = server.account("alice").await;
    alice.must(json!({"type": "create", "room": "dev"})).await;
    let mut bob = server.member("bob").await;
    bob.join("dev").await;
    let forged = "x\n2026-01-01 00:00  boss  ban alice\u{1b}[2J";
    alice.must(json!({"type": "mute", "room": "dev", "user": "bob", "reason": forged})).await;
    alice.must(json!({"type": "kick", "room": "dev", "user": "bob"})).await;
    assert_eq!(
        alice.refused(json!({"type": "mute", "room": "dev", "user": "bob", "reason": "x".repeat(251)})).await,
        "too_long"
    );
    assert_eq!(
        alice.refused(json!({"type": "mute", "room": "dev", "user": "bob", "for_ms": 0})).await,
        "bad_request"
    );
    assert_eq!(alice.refused(json!({"type": "mute", "room": "dev"})).await, "bad_request");
    let audit = admin.must(json!({"type": "audit", "limit": 10})).await;
    let entries = audit["entries"].as_array().unwrap();
    assert_eq!(
        (&entries[0]["action"], &entries[0]["by"], &entries[0]["target"], &entries[0]["room"]),
        (&json!("kick"), &json!("alice"), &json!("bob"), &json!("dev"))
    );
    assert_eq!(entries[1]["reason"], "x 2026-01-01 00:00  boss  ban alice [2J");
    assert_eq!(entries[2]["action"], "role", "how boss came by it");
    let older = admin.must(json!({"type": "audit", "before": entries[1]["at"]})).await;
    assert!(
        older["entries"]
            .as_array()
            .unwrap()
            .iter()
            .all(|entry| entry["at"].as_i64() < entries[1]["at"].as_i64())
    );
    let shown = String::from_utf8(operate(&server, &["audit"]).await.stdout).unwrap();
    assert_eq!(shown.lines().count(), entries.len(), "{shown}");
    assert_eq!(alice.refused(json!({"type": "audit"})).await, "forbidden");
}

#[tokio::test]
async fn a_repeated_nonce_is_answered_again_even_to_who_is_muted_since() {
    let server = Server::start().await;
    let mut alice = server.account("alice").await;
    alice.must(json!({"type": "create", "room": "dev"})).await;
    let mut bob = server.member("bob").await;
    bob.join("dev").await;
    let seq = bob.say("dev", "once", "said before").await;
    alice.must(json!({"type": "mute", "room": "dev", "user": "bob"})).await;
    assert_eq!(bob.say("dev", "once", "said before").await, seq);
    assert_eq!(
        bob.refused(json!({"type": "send", "room": "dev", "nonce": "new", "text": "x"})).await,
        "muted"
    );
}
