//! A clock that was wrong once leaves nothing behind: order is the seq's, no login ends, and nothing is deleted
//! because of its age.

use std::time::Duration;

use chat_server::clock::DAY_MS;
use serde_json::{Value, json};

use crate::support::{Accounts, Host, PASSWORD, Peer, Server, Time, bearer, get, post, post_as, seqs};

const START: i64 = Time::START;

/// How often the janitor runs.
const TIDY: Duration = Duration::from_millis(10);

/// Lets time pass, a minute at a time as the janitor sees it.
async fn pass(time: &Time, ms: i64) {
    for _ in 0..(ms + 59_999) / 60_000 {
        time.pass(60_000);
    }
    // Long enough for the janitor to run a few times.
    tokio::time::sleep(Duration::from_millis(60)).await;
}

fn at(message: &Value) -> i64 {
    message["at"].as_i64().unwrap()
}

#[tokio::test]
async fn messages_have_the_right_time_again_once_the_clock_is_right() {
    let time = Time::new();
    let server = Server::with(|config| time.configure(config, TIDY)).await;
    let mut alice = server.member("alice").await;
    alice.say("general", "a", "before").await;
    time.jump(400 * DAY_MS);
    alice.say("general", "b", "fox of the future").await;
    time.jump(-400 * DAY_MS);
    alice.say("general", "c", "after").await;
    // After a restart, the order is the same.
    let token = alice.token.clone();
    let (address, dir) = server.stop().await;
    let server = Server::on(address, dir, |config| time.configure(config, TIDY)).await;
    let mut again = server.peer().await;
    again.come(&token).await;
    again.say("general", "d", "later").await;
    let all = again.whole_room("general").await;
    assert_eq!(seqs(&all), [1, 2, 3, 4], "order is the seq's");
    assert_eq!(at(&all[1]) - START, 400 * DAY_MS);
    assert!(at(&all[2]) - START < DAY_MS && at(&all[3]) - START < DAY_MS, "{all:?}");
    let found = again.must(json!({"type": "search", "query": "after", "before": START + DAY_MS})).await;
    assert_eq!(found["messages"].as_array().unwrap().len(), 1, "{found}");
}

#[tokio::test]
async fn no_login_ends_and_no_name_is_free_after_a_jump() {
    let time = Time::new();
    let server = Server::with(|config| time.configure(config, TIDY)).await;
    let account = server.register("alice").await;
    let guest = {
        let mut guest = server.member("guest").await;
        guest.must(json!({"type": "ping"})).await;
        guest.token.clone()
    };
    let (address, dir) = server.stop().await;
    // The server runs for some seconds with a clock that is far ahead.
    time.jump(400 * DAY_MS);
    let server = Server::on(address, dir, |config| time.configure(config, TIDY)).await;
    pass(&time, 3000).await;
    let mut early = server.peer().await;
    early.come(&account).await;
    let taken = server.peer().await.refused(json!({"type": "hello", "protocol": 1, "name": "guest"})).await;
    assert_eq!(taken, "name_taken");
    drop(early);
    let (address, dir) = server.stop().await;
    time.jump(-400 * DAY_MS);
    let server = Server::on(address, dir, |config| time.configure(config, TIDY)).await;
    for token in [&account, &guest] {
        server.peer().await.come(token).await;
    }
    // Times stored in the future are set back once the clock has run smoothly for a while, and logins then end as
    // usual.
    pass(&time, 2 * 60 * 60 * 1000).await;
    let login = json!({"name": "alice", "password": PASSWORD});
    let fresh = post(server.address, "/api/login", "", login).await.token();
    let mut alice = server.peer().await;
    alice.come(&fresh).await;
    let sessions = alice.must(json!({"type": "sessions"})).await;
    let now = time.wall();
    for session in sessions["sessions"].as_array().unwrap() {
        assert!(session["seen_at"].as_i64().unwrap() <= now, "{sessions}");
    }
}

#[tokio::test]
async fn a_clock_that_is_behind_ends_no_login_when_it_is_right_again() {
    let time = Time::new();
    time.jump(-400 * DAY_MS);
    let server = Server::with(|config| time.configure(config, TIDY)).await;
    let token = server.register("alice").await;
    server.peer().await.come(&token).await;
    time.jump(400 * DAY_MS);
    pass(&time, 10 * 60_000).await;
    let mut again = server.peer().await;
    again.come(&token).await;
}

#[tokio::test]
async fn mutes_and_bans_are_neither_forgotten_nor_endless() {
    let time = Time::new();
    let server = Server::with(|config| time.configure(config, TIDY)).await;
    let mut boss = server.admin("boss").await;
    let mut bob = server.member("bob").await;
    let mute = json!({"type": "mute", "room": "general", "user": "bob", "for_ms": 30 * DAY_MS});
    boss.must(mute).await;
    time.jump(400 * DAY_MS);
    pass(&time, 60_000).await;
    let short = json!({"type": "mute", "room": "general", "user": "carol", "for_ms": 600_000});
    let mut carol = server.member("carol").await;
    boss.must(short).await;
    time.jump(-400 * DAY_MS);
    pass(&time, 60_000).await;
    let send = |nonce: &str| json!({"type": "send", "room": "general", "nonce": nonce, "text": "x"});
    assert_eq!(bob.refused(send("b")).await, "muted", "it was not forgotten");
    // The short mute ends soon, although it was stored to end in a year.
    assert_eq!(carol.refused(send("c")).await, "muted");
    pass(&time, 90 * 60_000).await;
    let mut again = Peer::connect(server.address).await;
    again.come(&carol.token).await;
    let mut said = again.ask(send("d")).await;
    for _ in 0..50 {
        if said["type"] == "ok" {
            break;
        }
        pass(&time, 60_000).await;
        let mut next = Peer::connect(server.address).await;
        next.come(&carol.token).await;
        said = next.ask(send("d")).await;
    }
    assert_eq!(said["type"], "ok", "{said}");
}

#[tokio::test]
async fn an_upload_without_a_message_is_not_deleted_by_a_jump() {
    let time = Time::new();
    let server = Server::with(|config| time.configure(config, TIDY)).await;
    let token = server.register("alice").await;
    let body =
        "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.txt\"\r\n\r\nhello\r\n--b--\r\n";
    let headers = format!("Content-Type: multipart/form-data; boundary=b\r\n{}", bearer(&token));
    let kept = post_as(server.address, "/api/files", &headers, body).await;
    assert_eq!(kept.status, 200, "{}", kept.body);
    time.jump(3 * DAY_MS);
    pass(&time, 3000).await;
    time.jump(-3 * DAY_MS);
    pass(&time, 3000).await;
    let url = kept.body["url"].as_str().unwrap();
    let served = get(server.address, url, &bearer(&token)).await;
    assert!(served.starts_with("HTTP/1.1 200") && served.ends_with("hello"), "{served}");
}
