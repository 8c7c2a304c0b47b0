//! Logins: how they end, and what ends with them.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use chat_server::clock::{Clock, DAY_MS};
use serde_json::{Value, json};

use crate::support::{Accounts, Host, PASSWORD, Server, bearer, post};

fn credentials(name: &str, password: &str) -> Value {
    json!({"name": name, "password": password})
}

#[tokio::test]
async fn auth_08_logging_out_ends_every_socket_of_the_login() {
    let server = Server::start().await;
    let token = server.register("alice").await;
    let mut peers = Vec::new();
    for _ in 0..3 {
        let mut peer = server.peer().await;
        peer.come(&token).await;
        peers.push(peer);
    }
    let mut other = server.peer().await;
    other.come(&post(server.address, "/api/login", "", credentials("alice", PASSWORD)).await.token()).await;
    let done = post(server.address, "/api/logout", &bearer(&token), json!({})).await;
    assert_eq!(done.status, 200);
    assert!(done.head.contains("max-age=0"), "{}", done.head);
    for peer in &mut peers {
        assert_eq!(peer.end().await, (Some("revoked".into()), Some(1008)));
    }
    let mut late = server.peer().await;
    assert_eq!(late.refused(json!({"type": "hello", "protocol": 1, "token": token})).await, "unauthorized");
    let change = json!({"old": PASSWORD, "new": "another phrase entirely"});
    assert_eq!(post(server.address, "/api/password", &bearer(&token), change).await.status, 401);
    other.must(json!({"type": "ping"})).await;
}

#[tokio::test]
async fn auth_09_a_changed_password_and_a_revoked_login_end_the_others_at_once() {
    let server = Server::start().await;
    let mine = server.register("alice").await;
    let mut here = server.peer().await;
    here.come(&mine).await;
    here.join("general").await;
    let elsewhere =
        post(server.address, "/api/login", "User-Agent: elsewhere/1\r\n", credentials("alice", PASSWORD))
            .await
            .token();
    let mut there = server.peer().await;
    there.come(&elsewhere).await;
    let wrong = json!({"old": "not the old one", "new": "another phrase entirely"});
    assert_eq!(post(server.address, "/api/password", &bearer(&mine), wrong).await.status, 401);
    let change = json!({"old": PASSWORD, "new": "another phrase entirely"});
    assert_eq!(post(server.address, "/api/password", &bearer(&mine), change).await.status, 200);
    assert_eq!(there.end().await, (Some("revoked".into()), Some(1008)));
    here.say("general", "n1", "whoever changed it stays").await;
    assert_eq!(post(server.address, "/api/login", "", credentials("alice", PASSWORD)).await.status, 401);
    let again =
        post(server.address, "/api/login", "", credentials("alice", "another phrase entirely")).await.token();
    let mut there = server.peer().await;
    there.come(&again).await;
    let listed = here.must(json!({"type": "sessions"})).await;
    let sessions = listed["sessions"].as_array().unwrap();
    assert_eq!(sessions.len(), 2, "{listed}");
    assert_eq!(sessions.iter().filter(|session| session["current"] == true).count(), 1);
    let other = sessions.iter().find(|session| session["current"] == false).unwrap()["id"].clone();
    assert_eq!(here.refused(json!({"type": "revoke", "session": "0123456789abcdef"})).await, "bad_request");
    here.must(json!({"type": "revoke", "session": other})).await;
    assert_eq!(there.end().await, (Some("revoked".into()), Some(1008)));
    // The session's own login: it is answered first.
    let own = sessions.iter().find(|session| session["current"] == true).unwrap()["id"].clone();
    here.must(json!({"type": "revoke", "session": own})).await;
    assert_eq!(here.end().await, (Some("revoked".into()), Some(1008)));
    let stranger = &mut server.account("bob").await;
    assert_eq!(stranger.refused(json!({"type": "revoke", "session": own})).await, "bad_request");
}

#[tokio::test]
async fn auth_10_an_unused_login_ends_and_listening_keeps_one() {
    let now = Arc::new(AtomicI64::new(1_800_000_000_000));
    let time = now.clone();
    let server = Server::with(|config| {
        config.clock = Clock::new(move || time.load(Ordering::SeqCst));
        config.tidy_every = Duration::from_millis(20);
        config.ping_every = Duration::from_millis(20);
    })
    .await;
    let (busy, idle, quiet) =
        (server.register("busy").await, server.register("idle").await, server.register("quiet").await);
    let (mut typist, mut gone, mut listener) =
        (server.peer().await, server.peer().await, server.peer().await);
    typist.come(&busy).await;
    gone.come(&idle).await;
    listener.come(&quiet).await;
    drop(gone);
    now.fetch_add(60 * DAY_MS, Ordering::SeqCst);
    typist.must(json!({"type": "rooms"})).await;
    // It is stored with the janitor's next run, after which `sessions` shows it.
    loop {
        let sessions = typist.must(json!({"type": "sessions"})).await;
        if sessions["sessions"][0]["seen_at"] == now.load(Ordering::SeqCst) {
            break;
        }
        tokio::task::yield_now().await;
    }
    now.fetch_add(60 * DAY_MS, Ordering::SeqCst);
    typist.must(json!({"type": "ping"})).await;
    let mut late = server.peer().await;
    assert_eq!(late.refused(json!({"type": "hello", "protocol": 1, "token": idle})).await, "unauthorized");
    listener.must(json!({"type": "ping"})).await;
    let mut again = server.peer().await;
    again.come(&quiet).await;
}

#[tokio::test]
async fn auth_11_a_token_is_one_users_and_dies_with_its_login() {
    let server = Server::start().await;
    let mut alice = server.member("alice").await;
    alice.say("general", "n", "one").await;
    let (token, log) = (alice.token.clone(), alice.log.clone());
    // On two sockets at once: two live sessions of the same user, each complete.
    let (mut a, mut b) = (server.peer().await, server.peer().await);
    for peer in [&mut a, &mut b] {
        assert_eq!(peer.resume(&token, &log, json!({"general": 0})).await["user"]["name"], "alice");
        assert_eq!(peer.hear_type("message").await["text"], "one");
    }
    post(server.address, "/api/logout", &bearer(&token), json!({})).await;
    for peer in [&mut alice, &mut a, &mut b] {
        assert_eq!(peer.end().await.1, Some(1008));
    }
    let mut late = server.peer().await;
    let hello = json!({"type": "hello", "protocol": 1, "token": token, "resume": {"general": 0}, "log": log});
    assert_eq!(late.refused(hello).await, "unauthorized");
}

/// Whatever ends a login ends its sessions: here, a new login that replaces the oldest ones.
#[tokio::test]
async fn a_login_that_makes_room_for_another_ends_its_sessions() {
    let server = Server::start().await;
    let mut oldest = server.account("alice").await;
    let mut tokens = Vec::new();
    for _ in 0..64 {
        tokens.push(post(server.address, "/api/login", "", credentials("alice", PASSWORD)).await.token());
    }
    assert_eq!(oldest.end().await, (Some("revoked".into()), Some(1008)));
    server.peer().await.come(&tokens[0]).await;
}

/// A browser that registers another account gives up the previous account's login, with its sessions.
#[tokio::test]
async fn a_cookie_that_is_exchanged_ends_the_sessions_of_the_other_account() {
    let server = Server::start().await;
    let first = post(server.address, "/api/register", "", credentials("alice", PASSWORD)).await;
    let mut tab = server.peer().await;
    tab.come(&first.token()).await;
    let cookie = format!("Cookie: {}\r\nOrigin: http://{}\r\n", first.cookie(), server.address);
    let second = post(server.address, "/api/register", &cookie, credentials("bob", PASSWORD)).await;
    assert_eq!(second.body["user"]["name"], "bob", "{}", second.body);
    assert_eq!(tab.end().await, (Some("revoked".into()), Some(1008)));
}
