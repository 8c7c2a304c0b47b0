//! What the time of an answer tells: the group TIME of the catalogue. Samples are interleaved, so that what else
//! the machine does meets both sides alike.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::support::{Accounts, Answer, Host, PASSWORD, Server, bearer, post};

fn median(mut samples: Vec<Duration>) -> f64 {
    samples.sort();
    samples[samples.len() / 2].as_secs_f64()
}

/// How much two medians differ, as a part of the smaller one.
fn difference(a: Vec<Duration>, b: Vec<Duration>) -> f64 {
    let (a, b) = (median(a), median(b));
    (a - b).abs() / a.min(b)
}

async fn timed(server: &Server, name: &str, password: &str) -> (Duration, Answer) {
    let began = Instant::now();
    let answer = post(server.address, "/api/login", "", json!({"name": name, "password": password})).await;
    (began.elapsed(), answer)
}

#[tokio::test]
async fn time_01_an_unknown_name_and_a_wrong_password_are_alike() {
    let server = Server::start().await;
    server.register("alice").await;
    server.member("guest").await;
    let mut times: [Vec<Duration>; 3] = Default::default();
    for n in 0..60 {
        let wrong = format!("a wrong guess {n}");
        let mut answers = Vec::new();
        for (times, name) in times.iter_mut().zip(["alice", "nobody-here", "guest"]) {
            let (time, answer) = timed(&server, name, &wrong).await;
            times.push(time);
            answers.push((answer.status, answer.body));
        }
        assert_eq!(answers[0].0, 401);
        assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:?}");
    }
    let [known, unknown, guest] = times;
    // A look-up without a hash would differ by its whole length, which is a hundred times this.
    for other in [unknown, guest] {
        let difference = difference(known.clone(), other);
        assert!(difference < 0.5, "{difference}");
    }
}

/// Tokens are looked up by their hash: a prefix that is right is as wrong as any.
#[tokio::test]
async fn time_02_a_token_that_is_nearly_right_is_wrong() {
    let server = Server::start().await;
    let token = server.register("alice").await;
    let mut peer = server.peer().await;
    for length in 0..token.len() {
        let hello = json!({"type": "hello", "protocol": 1, "token": &token[..length]});
        assert_eq!(peer.refused(hello).await, "unauthorized");
    }
}

#[tokio::test]
async fn time_03_a_hidden_room_and_none_are_alike() {
    let server = Server::start().await;
    let mut alice = server.account("alice").await;
    alice.must(json!({"type": "create", "room": "secret", "kind": "private"})).await;
    let mut bob = server.member("bob").await;
    for command in ["history", "members"] {
        let mut times: [Vec<Duration>; 2] = Default::default();
        for _ in 0..300 {
            let mut answers = Vec::new();
            for (times, room) in times.iter_mut().zip(["secret", "absent"]) {
                let began = Instant::now();
                let mut answer = bob.error(json!({"type": command, "room": room, "before": 9})).await;
                times.push(began.elapsed());
                answer["id"] = Value::Null;
                answers.push(answer);
            }
            assert_eq!(answers[0], answers[1]);
        }
        let [hidden, absent] = times;
        let difference = difference(hidden, absent);
        assert!(difference < 0.5, "{command}: {difference}");
    }
}

/// Registering hashes before it looks whether the name is free.
#[tokio::test]
async fn time_04_registering_takes_its_time_whether_the_name_is_free_or_not() {
    let server = Server::start().await;
    server.register("alice").await;
    let mut times: [Vec<Duration>; 2] = Default::default();
    for n in 0..30 {
        let free = format!("user{n}");
        for (times, name) in times.iter_mut().zip(["alice", free.as_str()]) {
            let began = Instant::now();
            post(server.address, "/api/register", "", json!({"name": name, "password": PASSWORD})).await;
            times.push(began.elapsed());
        }
    }
    let [taken, free] = times;
    let difference = difference(taken, free);
    assert!(difference < 0.8, "{difference}");
    // And a wrong old password costs what a right one costs.
    let token =
        post(server.address, "/api/login", "", json!({"name": "alice", "password": PASSWORD})).await.token();
    let wrong = json!({"old": "a wrong guess", "new": "another phrase entirely"});
    assert_eq!(post(server.address, "/api/password", &bearer(&token), wrong).await.status, 401);
}
