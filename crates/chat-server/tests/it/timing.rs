//! What the time of an answer reveals: the TIME group of the catalogue. The tests compare the server's processor
//! time, which does not depend on other programs, and samples are interleaved.

use serde_json::{Value, json};

use crate::dos::processor;
use crate::support::{Accounts, Answer, Host, PASSWORD, Peer, Process, Server, bearer, post};

/// The ticks that each of several kinds of requests took in total.
struct Spent<const N: usize>([u64; N]);

impl<const N: usize> Spent<N> {
    fn nothing() -> Self {
        Self([0; N])
    }

    /// Adds what a request of the kind `which` takes.
    async fn on<T>(&mut self, server: &Process, which: usize, question: impl Future<Output = T>) -> T {
        let before = processor(server);
        let answer = question.await;
        self.0[which] += processor(server) - before;
        answer
    }

    /// Whether no kind took more than one and a half times as much as another.
    fn are_alike(&self) -> bool {
        let (least, most) = (self.0.iter().min().unwrap(), self.0.iter().max().unwrap());
        // A difference of a tick is chance.
        *least > 0 && most * 2 <= least * 3 + 6
    }
}

async fn register(server: &Process, name: &str) -> Answer {
    post(server.address, "/api/register", "", json!({"name": name, "password": PASSWORD})).await
}

#[tokio::test]
async fn time_01_an_unknown_name_and_a_wrong_password_are_alike() {
    let dir = tempfile::tempdir().unwrap();
    let server = Process::start(dir.path());
    register(&server, "alice").await.token();
    Peer::connect(server.address).await.hello("guest").await;
    let mut spent = Spent::<3>::nothing();
    for n in 0..40 {
        let wrong = format!("a wrong guess {n}");
        let mut answers = Vec::new();
        for (which, name) in ["alice", "nobody-here", "guest"].into_iter().enumerate() {
            let login = post(server.address, "/api/login", "", json!({"name": name, "password": wrong}));
            let answer = spent.on(&server, which, login).await;
            answers.push((answer.status, answer.body));
        }
        assert_eq!(answers[0].0, 401);
        assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:?}");
    }
    // A lookup without a hash would take a hundredth of the time.
    assert!(spent.are_alike(), "{:?}", spent.0);
}

/// Tokens are looked up by their hash: a token with a right prefix is as wrong as any other.
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
    let dir = tempfile::tempdir().unwrap();
    let server = Process::start(dir.path());
    let mut alice = Peer::connect(server.address).await;
    alice.hello("alice").await;
    alice.must(json!({"type": "create", "room": "secret", "kind": "private"})).await;
    let mut bob = Peer::connect(server.address).await;
    bob.hello("bob").await;
    for command in ["history", "members", "join", "role", "kick"] {
        let mut spent = Spent::<2>::nothing();
        let mut said: [Option<Value>; 2] = [None, None];
        for _ in 0..2 {
            for (which, room) in ["secret", "absent"].into_iter().enumerate() {
                let ask = async {
                    let mut last = Value::Null;
                    for _ in 0..1500 {
                        let frame = json!({"type": command, "room": room, "before": 9, "seq": 1, "user": "alice",
                            "role": "member", "topic": "x"});
                        last = bob.error(frame).await;
                    }
                    last
                };
                let mut answer = spent.on(&server, which, ask).await;
                answer["id"] = Value::Null;
                said[which] = Some(answer);
            }
            assert_eq!(said[0], said[1], "{command}");
        }
        assert!(spent.are_alike(), "{command}: {:?}", spent.0);
    }
}

/// Registering hashes the password before it checks whether the name is free.
#[tokio::test]
async fn time_04_registering_takes_its_time_whether_the_name_is_free_or_not() {
    let dir = tempfile::tempdir().unwrap();
    let server = Process::start(dir.path());
    register(&server, "alice").await.token();
    let mut spent = Spent::<2>::nothing();
    for n in 0..30 {
        let free = format!("user{n}");
        for (which, name) in ["alice", free.as_str()].into_iter().enumerate() {
            spent.on(&server, which, register(&server, name)).await;
        }
    }
    assert!(spent.are_alike(), "{:?}", spent.0);
    // A wrong old password is refused as well.
    let login = json!({"name": "alice", "password": PASSWORD});
    let token = post(server.address, "/api/login", "", login).await.token();
    let wrong = json!({"old": "a wrong guess", "new": "another phrase entirely"});
    assert_eq!(post(server.address, "/api/password", &bearer(&token), wrong).await.status, 401);
}
