//! Rooms that a user may not see: a removed user stays out whatever they send at that moment, and no reply, name,
//! search or time reveals that such a room exists.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant};

use chat_server::clock::Clock;
use serde_json::{Value, json};
use testbed::Gate;

use crate::support::{Accounts, Host, Peer, Server};

/// Creates a room of alice's in which bob is a member.
async fn shared(server: &Server, kind: &str) -> (Peer, Peer) {
    let (mut alice, mut bob) = (server.account("alice").await, server.member("bob").await);
    alice.must(json!({"type": "create", "room": "den", "kind": kind})).await;
    alice.must(json!({"type": "invite", "room": "den", "user": "bob"})).await;
    bob.join("den").await;
    (alice, bob)
}

/// A member who joins again and again is removed like any other.
#[tokio::test]
async fn a_ban_is_not_outlived_by_joining_at_that_moment() {
    let gate = Gate::default();
    let clock = gate.clock();
    let server = Server::with(|config| config.clock = clock).await;
    for (round, act) in ["ban", "kick", "ban", "kick", "ban", "kick"].into_iter().enumerate() {
        let room = format!("den-{round}");
        let name = format!("mallory-{round}");
        let mut alice = server.account(&format!("alice-{round}")).await;
        let mut mallory = server.member(&name).await;
        alice.must(json!({"type": "create", "room": room, "kind": "private"})).await;
        alice.must(json!({"type": "invite", "room": room, "user": name})).await;
        mallory.join(&room).await;
        // Joins before, with and after the act are all in one commit or right after it.
        gate.close();
        for id in 0..20 {
            mallory.send(json!({"type": "join", "id": 100 + id, "room": room})).await;
        }
        alice.send(json!({"type": act, "id": 100, "room": room, "user": name})).await;
        gate.open();
        alice.hear(|frame| frame["id"] == 100).await;
        mallory.hear(|frame| frame["id"] == 119).await;
        let mut last = Value::Null;
        while mallory.heard_now(|frame| frame["type"] == "joined") {}
        if act == "kick" {
            // A kicked user may come back, so one of the joins may have succeeded.
            last = mallory.ask(json!({"type": "history", "room": room, "before": 99})).await;
        }
        if last["type"] != "messages" {
            alice.say(&room, "n", "secret").await;
            mallory.ask(json!({"type": "ping"})).await;
            assert!(!mallory.heard_now(|frame| frame["type"] == "message" && frame["room"] == room.as_str()));
            for frame in [
                json!({"type": "history", "room": room, "before": 99}),
                json!({"type": "members", "room": room}),
                json!({"type": "read", "room": room, "seq": 1}),
                json!({"type": "notify", "room": room, "level": "none"}),
            ] {
                let code = mallory.refused(frame.clone()).await;
                assert_eq!(code, "no_such_room", "{act} {frame}");
            }
        }
    }
}

/// The race itself: a join whose read was before the removal subscribes nobody after it. Both are in progress
/// together many times, in the order in which the server happens to handle them.
#[tokio::test]
async fn joins_and_removals_together_end_as_the_last_one_says() {
    let server = Server::start().await;
    let (mut alice, mut bob) = shared(&server, "public").await;
    for round in 0..60 {
        bob.send(json!({"type": "join", "id": 1000, "room": "den"})).await;
        alice.send(json!({"type": "ban", "id": 1000, "room": "den", "user": "bob"})).await;
        bob.send(json!({"type": "join", "id": 1001, "room": "den"})).await;
        alice.hear(|frame| frame["id"] == 1000).await;
        bob.hear(|frame| frame["id"] == 1001).await;
        alice.say("den", &format!("n{round}"), "not for bob").await;
        bob.must(json!({"type": "ping"})).await;
        assert!(!bob.heard_now(|frame| frame["type"] == "message"), "round {round}");
        alice.must(json!({"type": "unban", "room": "den", "user": "bob"})).await;
        bob.join("den").await;
    }
}

/// Malformed commands get the same answer for a hidden room and for one that does not exist.
#[tokio::test]
async fn ill_formed_commands_tell_nothing_either() {
    let server = Server::start().await;
    let mut alice = server.account("alice").await;
    alice.must(json!({"type": "create", "room": "secret", "kind": "private"})).await;
    server.member("carol").await;
    let direct = alice.must(json!({"type": "direct", "user": "carol"})).await;
    let direct = direct["room"]["name"].as_str().unwrap().to_owned();
    let mut bob = server.member("bob").await;
    let long = "x".repeat(5000);
    let frames = [
        json!({"type": "mute", "user": "alice", "for_ms": 0}),
        json!({"type": "ban", "user": "alice", "reason": long}),
        json!({"type": "ban", "user": "alice", "address": "10.0.0.1"}),
        json!({"type": "kick"}),
        json!({"type": "kick", "user": "nobody-here"}),
        json!({"type": "role", "user": "alice", "role": "emperor"}),
        json!({"type": "role", "user": "nobody-here", "role": "member"}),
        json!({"type": "send", "nonce": "not a nonce!", "text": "x"}),
        json!({"type": "send", "nonce": "n", "text": ""}),
        json!({"type": "send", "nonce": "n", "text": long}),
        json!({"type": "send", "nonce": "n", "text": "x", "files": (0..20).map(|n| n.to_string()).collect::<Vec<_>>()}),
        json!({"type": "edit", "seq": 1, "text": ""}),
        json!({"type": "delete", "seq": 99}),
        json!({"type": "react", "seq": 1, "emoji": "nonsense"}),
        json!({"type": "pin", "seq": 99}),
        json!({"type": "topic", "topic": long}),
        json!({"type": "history"}),
        json!({"type": "history", "before": 1, "after": 1}),
        json!({"type": "history", "around": 99}),
        json!({"type": "notify", "level": "loud"}),
        json!({"type": "join", "after": -1}),
        json!({"type": "search", "query": ""}),
        json!({"type": "search", "query": "fox"}),
        json!({"type": "invite", "user": "nobody-here"}),
    ];
    for frame in frames {
        let mut answers = Vec::new();
        for room in ["secret", &direct, "absent", "@98-99"] {
            let mut asked = frame.clone();
            asked["room"] = room.into();
            let mut answer = bob.error(asked).await;
            answer["id"] = Value::Null;
            answers.push(answer);
        }
        assert!(answers.iter().all(|answer| *answer == answers[2]), "{frame}: {answers:#?}");
    }
}

/// If several rooms have the same name, each user means the one that they are in.
#[tokio::test]
async fn private_rooms_of_one_name_are_apart() {
    let server = Server::start().await;
    let (mut alice, mut bob) = (server.account("alice").await, server.account("bob").await);
    for (peer, text) in [(&mut alice, "alice's"), (&mut bob, "bob's")] {
        peer.must(json!({"type": "create", "room": "team", "kind": "private"})).await;
        peer.say("team", "n", text).await;
    }
    assert_eq!(alice.whole_room("team").await[0]["text"], "alice's");
    assert_eq!(bob.whole_room("team").await[0]["text"], "bob's");
    assert_eq!(alice.refused(json!({"type": "create", "room": "team"})).await, "room_exists", "one's own");
    // There is also a public one: a user in a private one still means that.
    let mut carol = server.account("carol").await;
    carol.must(json!({"type": "create", "room": "team"})).await;
    carol.say("team", "n", "carol's").await;
    let mut dave = server.member("dave").await;
    dave.join("team").await;
    assert_eq!(dave.whole_room("team").await[0]["text"], "carol's");
    alice.join("team").await;
    assert_eq!(alice.whole_room("team").await[0]["text"], "alice's");
    let rooms = alice.must(json!({"type": "rooms"})).await;
    let kinds: Vec<&Value> = rooms["rooms"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|r| r["name"] == "team")
        .map(|r| &r["kind"])
        .collect();
    assert_eq!(kinds, ["private"]);
    // The rooms stay separate after a restart, and each user resumes in their own.
    let (tokens, log) = ((alice.token.clone(), bob.token.clone()), alice.log.clone());
    let server = Server::after(server).await;
    for (token, text) in [(tokens.0, "alice's"), (tokens.1, "bob's")] {
        let mut again = server.peer().await;
        again.resume(&token, &log, json!({"team": 0})).await;
        assert_eq!(
            again.hear(|frame| frame["room"] == "team" && frame["type"] == "message").await["text"],
            text
        );
    }
}

/// A public room that a stranger creates keeps nobody out of a private one that they are invited to, and leaving
/// declines an invitation.
#[tokio::test]
async fn the_newest_invitation_comes_before_a_public_room() {
    let now = Arc::new(AtomicI64::new(1_800_000_000_000));
    let time = now.clone();
    let server =
        Server::with(move |config| config.clock = Clock::new(move || time.load(Ordering::SeqCst))).await;
    let (mut alice, mut bob) = (server.account("alice").await, server.account("bob").await);
    alice.must(json!({"type": "create", "room": "plans", "kind": "private"})).await;
    alice.say("plans", "n", "alice's").await;
    alice.must(json!({"type": "invite", "room": "plans", "user": "bob"})).await;
    bob.join("plans").await;
    alice.must(json!({"type": "kick", "room": "plans", "user": "bob"})).await;
    let mut dave = server.account("dave").await;
    dave.must(json!({"type": "create", "room": "plans", "kind": "private"})).await;
    dave.say("plans", "n", "dave's").await;
    let mut carol = server.account("carol").await;
    carol.must(json!({"type": "create", "room": "plans"})).await;
    carol.say("plans", "n", "carol's").await;
    bob.join("plans").await;
    assert_eq!(bob.whole_room("plans").await[0]["text"], "alice's");
    bob.must(json!({"type": "leave", "room": "plans"})).await;
    bob.join("plans").await;
    assert_eq!(bob.whole_room("plans").await[0]["text"], "carol's");
    bob.must(json!({"type": "leave", "room": "plans"})).await;

    alice.must(json!({"type": "invite", "room": "plans", "user": "bob"})).await;
    now.fetch_add(1000, Ordering::SeqCst);
    dave.must(json!({"type": "invite", "room": "plans", "user": "bob"})).await;
    for first in ["dave's", "alice's", "carol's"] {
        bob.join("plans").await;
        assert!(bob.whole_room("plans").await[0]["text"] == first, "{first}");
        bob.must(json!({"type": "leave", "room": "plans"})).await;
    }
    alice.must(json!({"type": "invite", "room": "plans", "user": "bob"})).await;
    bob.must(json!({"type": "leave", "room": "plans"})).await;
    bob.join("plans").await;
    assert_eq!(bob.whole_room("plans").await[0]["text"], "carol's", "the invitation was declined");
}

/// However many hits there are in rooms that a user is not in, the hits in their own rooms are found.
#[tokio::test]
async fn hits_in_hidden_rooms_hide_none_of_ones_own() {
    let server = Server::start().await;
    let (mut alice, mut mallory) = (server.account("alice").await, server.account("mallory").await);
    alice.say("general", "mine", "the budget of the year").await;
    mallory.must(json!({"type": "create", "room": "mine", "kind": "private"})).await;
    for n in 0..5200 {
        let frame = json!({"type": "send", "id": 10_000 + n, "room": "mine", "nonce": format!("m{n}"), "text": "budget"});
        mallory.send(frame).await;
        if n % 200 == 199 {
            mallory.hear(|frame| frame["id"] == 10_000 + n).await;
        }
    }
    loop {
        let found = alice.must(json!({"type": "search", "query": "budget"})).await;
        let texts: Vec<&Value> = found["messages"]
            .as_array()
            .unwrap_or_else(|| panic!("{found}"))
            .iter()
            .map(|message| &message["text"])
            .collect();
        if texts == ["the budget of the year"] {
            break;
        }
        assert!(texts.is_empty(), "{texts:?}");
        // The index catches up with each search.
        let all = mallory.must(json!({"type": "search", "query": "budget", "limit": 1})).await;
        assert_eq!(all["messages"].as_array().unwrap().len(), 1);
    }
    let named =
        mallory.must(json!({"type": "search", "query": "budget", "room": "mine", "limit": 200})).await;
    assert_eq!(named["messages"].as_array().map(Vec::len), Some(200), "{named}");
    assert_eq!(named["more"], true);
}

/// Every command takes as long for a hidden room as for one that does not exist. The wall time on a busy machine says
/// little, so the test compares how often the one was slower than the other.
#[tokio::test]
async fn a_hidden_room_costs_no_other_time_than_none() {
    let server = Server::start().await;
    let mut alice = server.account("alice").await;
    alice.must(json!({"type": "create", "room": "secret", "kind": "private"})).await;
    let mut bob = server.member("bob").await;
    for frame in [
        json!({"type": "join"}),
        json!({"type": "role", "user": "alice", "role": "member"}),
        json!({"type": "kick", "user": "alice"}),
        json!({"type": "history", "before": 9}),
    ] {
        let (mut slower, mut totals) = (0, [Duration::ZERO; 2]);
        for round in 0..400 {
            let mut times = [Duration::ZERO; 2];
            // In either order, so that the second of a pair has no advantage.
            for which in if round % 2 == 0 { [0, 1] } else { [1, 0] } {
                let mut asked = frame.clone();
                asked["room"] = ["secret", "absent"][which].into();
                let began = Instant::now();
                bob.error(asked).await;
                times[which] = began.elapsed();
                totals[which] += times[which];
            }
            slower += usize::from(times[0] > times[1]);
        }
        assert!((100..300).contains(&slower), "{frame}: {slower} of 400, {totals:?}");
    }
}
