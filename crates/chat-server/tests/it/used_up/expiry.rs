//! What nobody uses expires, by time that has really passed.

use std::time::{Duration, Instant};

use chat_server::clock::DAY_MS;
use diesel::sql_types::Text;
use diesel::{Connection, QueryableByName, RunQueryDsl, SqliteConnection};
use serde_json::json;

use crate::support::{Accounts, Host, PATIENCE, Peer, Server, Time};

/// How often the janitor runs.
const TIDY: Duration = Duration::from_millis(5);

/// Lets days pass until a room is gone for `peer`, and returns how many.
async fn days_until_gone(time: &Time, peer: &mut Peer, room: &str) -> u32 {
    let (began, mut days) = (Instant::now(), 0);
    while rooms(peer).await.iter().any(|name| name == room) {
        assert!(began.elapsed() < PATIENCE, "{room} expires");
        time.pass(DAY_MS);
        days += 1;
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    days
}

async fn rooms(peer: &mut Peer) -> Vec<String> {
    let list = peer.must(json!({"type": "rooms"})).await;
    let names = list["rooms"].as_array().unwrap().iter();
    names.map(|room| room["name"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn a_room_without_members_and_messages_expires_after_a_month() {
    let time = Time::new();
    let server = Server::with(|config| time.configure(config, TIDY)).await;
    let mut alice = server.member("alice").await;
    for room in ["empty", "taken-back", "said", "joined"] {
        alice.must(json!({"type": "create", "room": room})).await;
    }
    alice.say("said", "n", "hello").await;
    let seq = alice.say("taken-back", "m", "hello").await;
    alice.must(json!({"type": "delete", "room": "taken-back", "seq": seq})).await;
    for room in ["empty", "taken-back", "said", "general"] {
        alice.must(json!({"type": "leave", "room": room})).await;
    }
    let days = days_until_gone(&time, &mut alice, "empty").await;
    assert!(days >= 30, "{days}");
    days_until_gone(&time, &mut alice, "taken-back").await;
    assert_eq!(rooms(&mut alice).await, ["general", "joined", "said"]);
    // The name is free again.
    alice.must(json!({"type": "create", "room": "empty"})).await;
}

#[tokio::test]
async fn a_direct_room_in_which_nobody_wrote_expires_after_a_month() {
    let time = Time::new();
    let server = Server::with(|config| time.configure(config, TIDY)).await;
    let (mut alice, mut bob) = (server.member("alice").await, server.member("bob").await);
    let room = alice.must(json!({"type": "direct", "user": "bob"})).await["room"]["name"].clone();
    let days = days_until_gone(&time, &mut alice, room.as_str().unwrap()).await;
    assert!(days >= 30, "{days}");
    let left = bob.hear(|frame| frame["type"] == "member" && frame["room"] == room).await;
    assert_eq!((&left["change"], &left["user"]["name"]), (&json!("left"), &json!("bob")));
}

#[tokio::test]
async fn a_clock_that_jumps_ahead_expires_no_room() {
    let time = Time::new();
    let server = Server::with(|config| time.configure(config, TIDY)).await;
    let mut alice = server.member("alice").await;
    for room in ["empty", "fresh"] {
        alice.must(json!({"type": "create", "room": room})).await;
    }
    alice.must(json!({"type": "leave", "room": "empty"})).await;
    time.pass(DAY_MS);
    tokio::time::sleep(Duration::from_millis(100)).await;
    time.jump(400 * DAY_MS);
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert_eq!(rooms(&mut alice).await, ["empty", "fresh", "general"]);
    time.jump(-400 * DAY_MS);
    let days = days_until_gone(&time, &mut alice, "empty").await;
    assert!(days >= 29, "{days}");
}

/// Returns all users in the database, by name.
fn users(server: &Server) -> Vec<String> {
    #[derive(QueryableByName)]
    struct User {
        #[diesel(sql_type = Text)]
        name: String,
    }
    let path = server.dir.path().join("chat.db");
    let mut conn = SqliteConnection::establish(path.to_str().unwrap()).unwrap();
    let users: Vec<User> = diesel::sql_query("SELECT name FROM users ORDER BY id").load(&mut conn).unwrap();
    users.into_iter().map(|user| user.name).collect()
}

#[tokio::test]
async fn guests_who_cannot_come_back_are_removed_and_what_they_wrote_stays() {
    let time = Time::new();
    let server = Server::with(|config| time.configure(config, TIDY)).await;
    let mut alice = server.account("alice").await;
    let (mut present, mut poet) = (server.member("present").await, server.member("poet").await);
    let mut silent = server.member("silent").await;
    poet.say("general", "n", "a verse").await;
    let direct = silent.must(json!({"type": "direct", "user": "alice"})).await["room"]["name"].clone();
    alice.say(direct.as_str().unwrap(), "n", "who are you?").await;
    let token = silent.token.clone();
    drop((silent, poet));
    let (began, mut days) = (Instant::now(), 0);
    while users(&server) != ["alice", "present", "deleted-3"] {
        assert!(began.elapsed() < PATIENCE, "{:?}", users(&server));
        time.pass(DAY_MS);
        days += 1;
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert!(days >= 90, "{days}");
    let said = present.whole_room("general").await;
    assert_eq!((&said[0]["by"]["name"], &said[0]["text"]), (&json!("deleted-3"), &json!("a verse")));
    // The other user of a direct room is told that their partner is gone.
    let mut again = server.peer().await;
    let welcome = again.come(&alice.token).await;
    let listed = welcome["rooms"].as_array().unwrap().iter().find(|room| room["name"] == direct).unwrap();
    assert_eq!(listed["user"], json!({"id": 4, "name": "deleted-4"}));
    let send = json!({"type": "send", "room": direct, "nonce": "m", "text": "hello?"});
    assert_eq!(again.refused(send).await, "forbidden");
    again.must(json!({"type": "leave", "room": direct})).await;
    let mut late = server.peer().await;
    assert_eq!(late.refused(json!({"type": "hello", "protocol": 1, "token": token})).await, "unauthorized");
    // The name is free, and no id is reused.
    assert_eq!(late.hello("silent").await["user"]["id"], 5);
}
