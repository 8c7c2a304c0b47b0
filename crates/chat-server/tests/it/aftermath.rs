//! What must happen after a commit happens even if the client was gone before.

use std::time::Duration;

use serde_json::{Value, json};
use socket2::SockRef;
use testbed::Gate;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

use crate::support::{Accounts, Host, PASSWORD, Peer, Server, bearer, get, post};

/// A server whose writer can be held.
async fn gated() -> (Server, Gate) {
    let gate = Gate::default();
    let clock = gate.clock();
    let server = Server::with(|config| {
        config.clock = clock;
        config.order_patience = Duration::from_millis(200);
    })
    .await;
    (server, gate)
}

/// Returns a figure of `/metrics`.
async fn figure(server: &Server, name: &str) -> u64 {
    let metrics = get(server.address, "/metrics", "").await;
    let line = metrics.lines().find(|line| line.split(' ').next() == Some(&format!("chat_{name}")));
    line.unwrap_or_else(|| panic!("no {name} in {metrics}")).split(' ').nth(1).unwrap().parse().unwrap()
}

/// Sends a command and disconnects before it is committed: the connection is reset, and `other`, who is in the same
/// room, types until the server has noticed.
async fn ask_and_go(server: &Server, gate: &Gate, mut asker: Peer, frame: Value, other: &mut Peer) {
    let sessions = figure(server, "sessions").await;
    gate.close();
    asker.send(frame).await;
    gate.reached().await;
    let stream = asker.into_stream();
    SockRef::from(&stream).set_linger(Some(Duration::ZERO)).unwrap();
    drop(stream);
    while figure(server, "sessions").await >= sessions {
        other.send(json!({"type": "typing", "room": "general"})).await;
        other.must(json!({"type": "ping"})).await;
    }
    gate.open();
}

/// Like `ask_and_go`, over HTTP.
async fn post_and_go(server: &Server, gate: &Gate, path: &str, token: &str, body: Value) {
    // The connection that asks for the figure is counted as well.
    let connections = figure(server, "connections").await;
    gate.close();
    let body = body.to_string();
    let request = format!(
        "POST {path} HTTP/1.1\r\nHost: {}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n{}\r\n{body}",
        server.address,
        body.len(),
        bearer(token)
    );
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    gate.reached().await;
    drop(stream);
    while figure(server, "connections").await > connections {
        tokio::task::yield_now().await;
    }
    gate.open();
}

async fn ends(peer: &mut Peer, code: &str) {
    assert_eq!(peer.end().await, (Some(code.into()), Some(1008)));
}

#[tokio::test]
async fn a_changed_password_ends_the_other_sessions() {
    let (server, gate) = gated().await;
    let token = server.register("alice").await;
    let login = json!({"name": "alice", "password": PASSWORD});
    let elsewhere = post(server.address, "/api/login", "", login).await.token();
    let (mut here, mut there) = (server.peer().await, server.peer().await);
    here.come(&token).await;
    there.come(&elsewhere).await;
    let body = json!({"old": PASSWORD, "new": "another phrase entirely"});
    post_and_go(&server, &gate, "/api/password", &token, body).await;
    ends(&mut there, "revoked").await;
    here.must(json!({"type": "ping"})).await;
}

#[tokio::test]
async fn a_logout_ends_the_sessions_of_that_login() {
    let (server, gate) = gated().await;
    let token = server.register("alice").await;
    let mut here = server.peer().await;
    here.come(&token).await;
    post_and_go(&server, &gate, "/api/logout", &token, json!({})).await;
    ends(&mut here, "revoked").await;
}

#[tokio::test]
async fn a_guest_who_registers_hears_of_it_on_the_other_sessions() {
    let (server, gate) = gated().await;
    let mut alice = server.member("alice").await;
    let token = alice.token.clone();
    let body = json!({"name": "alice", "password": PASSWORD});
    post_and_go(&server, &gate, "/api/register", &token, body).await;
    assert_eq!(alice.hear_type("you").await["user"]["kind"], "account");
}

#[tokio::test]
async fn a_revoked_login_ends_its_sessions() {
    let (server, gate) = gated().await;
    let token = server.register("alice").await;
    let login = json!({"name": "alice", "password": PASSWORD});
    let elsewhere = post(server.address, "/api/login", "", login).await.token();
    let (mut here, mut there) = (server.peer().await, server.peer().await);
    here.come(&token).await;
    here.join("general").await;
    there.come(&elsewhere).await;
    let sessions = here.must(json!({"type": "sessions"})).await;
    let other = sessions["sessions"].as_array().unwrap().iter().find(|login| login["current"] == false);
    let frame = json!({"type": "revoke", "id": 1, "session": other.unwrap()["id"]});
    let mut bob = server.member("bob").await;
    ask_and_go(&server, &gate, here, frame, &mut bob).await;
    ends(&mut there, "revoked").await;
}

#[tokio::test]
async fn bans_of_both_kinds_end_sessions_and_subscriptions() {
    let (server, gate) = gated().await;
    let mut watcher = server.member("watcher").await;
    let (mut bob, mut carol) = (server.member("bob").await, server.member("carol").await);
    let boss = server.admin("boss").await;
    let frame = json!({"type": "ban", "id": 1, "user": "bob"});
    ask_and_go(&server, &gate, boss, frame, &mut watcher).await;
    bob.hear(|frame| frame["code"] == "banned" && frame["type"] == "error").await;
    ends(&mut bob, "banned").await;

    let mut owner = server.account("olga").await;
    owner.must(json!({"type": "create", "room": "dev"})).await;
    carol.join("dev").await;
    watcher.join("dev").await;
    let frame = json!({"type": "ban", "id": 1, "room": "dev", "user": "carol"});
    ask_and_go(&server, &gate, owner, frame, &mut watcher).await;
    carol.hear(|frame| frame["change"] == "banned" && frame["user"]["name"] == "carol").await;
    watcher.say("dev", "n", "not for carol").await;
    carol.hears_no("message").await;
    assert_eq!(carol.refused(json!({"type": "join", "room": "dev"})).await, "banned");
}

#[tokio::test]
async fn a_deleted_user_is_gone_although_the_order_ran_out_of_time() {
    let (server, gate) = gated().await;
    let mut alice = server.account("alice").await;
    gate.close();
    let dir = server.dir.clone();
    let order = chat_server::operator::Order::Delete { name: "alice".to_owned() };
    let asked = tokio::task::spawn_blocking(move || chat_server::control::ask(dir.path(), &order));
    gate.reached().await;
    let answer = asked.await.unwrap();
    assert!(answer.is_err(), "{answer:?}");
    gate.open();
    ends(&mut alice, "revoked").await;
}

#[tokio::test]
async fn a_created_room_exists_for_everybody_at_once() {
    let (server, gate) = gated().await;
    let (alice, mut bob) = (server.member("alice").await, server.member("bob").await);
    let frame = json!({"type": "create", "id": 1, "room": "dev", "topic": "tea"});
    ask_and_go(&server, &gate, alice, frame, &mut bob).await;
    let told = bob.hear_type("room").await;
    assert_eq!(
        (&told["room"], &told["kind"], &told["topic"]),
        (&json!("dev"), &json!("public"), &json!("tea"))
    );
    bob.join("dev").await;
    bob.say("dev", "n", "hello").await;
    assert_eq!(bob.refused(json!({"type": "create", "room": "dev"})).await, "room_exists");
}

#[tokio::test]
async fn a_direct_room_opens_for_the_other_user() {
    let (server, gate) = gated().await;
    let (alice, mut bob) = (server.member("alice").await, server.member("bob").await);
    let token = alice.token.clone();
    let mut watcher = server.member("watcher").await;
    ask_and_go(&server, &gate, alice, json!({"type": "direct", "id": 1, "user": "bob"}), &mut watcher).await;
    let opened = bob.hear(|frame| frame["type"] == "joined" && frame["id"].is_null()).await;
    let room = opened["room"]["name"].as_str().unwrap().to_owned();
    bob.say(&room, "n", "here I am").await;
    let mut again = server.peer().await;
    again.resume(&token, &bob.log, json!({ room.as_str(): 0 })).await;
    assert_eq!(again.hear_type("message").await["text"], "here I am");
}

#[tokio::test]
async fn roles_kicks_and_mutes_count_from_their_seq() {
    let (server, gate) = gated().await;
    let mut watcher = server.member("watcher").await;
    let mut carol = server.member("carol").await;
    let mut owner = server.account("olga").await;
    owner.must(json!({"type": "create", "room": "dev"})).await;
    let (token, mut bob) = (owner.token.clone(), server.member("bob").await);
    for peer in [&mut watcher, &mut carol, &mut bob] {
        peer.join("dev").await;
    }
    let frame = json!({"type": "role", "id": 1, "room": "dev", "user": "carol", "role": "moderator"});
    ask_and_go(&server, &gate, owner, frame, &mut watcher).await;
    carol.hear(|frame| frame["change"] == "role").await;
    carol.must(json!({"type": "mute", "room": "dev", "user": "watcher"})).await;
    carol.must(json!({"type": "unmute", "room": "dev", "user": "watcher"})).await;

    for (act, code) in [("mute", "muted"), ("kick", "not_joined")] {
        let mut owner = server.peer().await;
        owner.come(&token).await;
        let frame = json!({"type": act, "id": 1, "room": "dev", "user": "bob"});
        ask_and_go(&server, &gate, owner, frame, &mut watcher).await;
        bob.hear(|frame| frame["type"] == "member" && frame["user"]["name"] == "bob").await;
        let send = json!({"type": "send", "room": "dev", "nonce": act, "text": "x"});
        assert_eq!(bob.refused(send).await, code);
    }
    watcher.say("dev", "n", "not for bob").await;
    bob.hears_no("message").await;
}

/// Sends a flood of commands while the writer is held for a moment: each is answered once, in order, and nothing is
/// delivered after the answer to `leave`.
#[tokio::test]
async fn every_command_is_answered_once_and_leaving_ends_a_public_room() {
    let (server, gate) = gated().await;
    let (mut alice, mut bob) = (server.member("alice").await, server.member("bob").await);
    for round in 0..30 {
        bob.join("general").await;
        gate.close();
        for n in 0..20 {
            let nonce = format!("{round}-{n}");
            alice
                .send(json!({"type": "send", "id": 1000 + n, "room": "general", "nonce": nonce, "text": "x"}))
                .await;
        }
        bob.send(json!({"type": "leave", "id": 5000 + round, "room": "general"})).await;
        gate.open();
        for n in 20..40 {
            let nonce = format!("{round}-{n}");
            alice
                .send(json!({"type": "send", "id": 1000 + n, "room": "general", "nonce": nonce, "text": "x"}))
                .await;
        }
        bob.hear(|frame| frame["id"] == 5000 + round).await;
        while bob.heard_now(|frame| frame["type"] == "message") {}
        for n in 0..40 {
            assert_eq!(alice.hear(|frame| frame["id"] == 1000 + n).await["type"], "ok");
        }
        alice.must(json!({"type": "ping"})).await;
        assert!(
            !alice.heard_now(|frame| frame["id"].as_u64().is_some_and(|id| id >= 1000)),
            "answered twice"
        );
        bob.hears_no("message").await;
    }
}
