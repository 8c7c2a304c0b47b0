//! The operator lists and deletes rooms.

use serde_json::{Value, json};

use crate::support::{Accounts, Host, Peer, Server, file_headers, form, operate, post_as};

async fn done(server: &Server, args: &[&str]) -> String {
    let output = operate(server, args).await;
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap()
}

async fn refused(server: &Server, args: &[&str]) -> String {
    let output = operate(server, args).await;
    assert!(!output.status.success(), "{output:?}");
    String::from_utf8(output.stderr).unwrap()
}

async fn create(peer: &mut Peer, room: &str, kind: &str) -> Value {
    peer.must(json!({"type": "create", "room": room, "kind": kind})).await["room"].clone()
}

/// Returns the columns of a room in the list.
async fn listed(server: &Server, room: &str) -> Vec<Vec<String>> {
    let list = done(server, &["room", "list"]).await;
    let rows = list.lines().map(|line| line.split_whitespace().map(str::to_owned).collect::<Vec<_>>());
    rows.filter(|row| row[1] == room).collect()
}

#[tokio::test]
async fn a_room_is_listed_and_deleted_while_the_server_runs() {
    let server = Server::start().await;
    let (mut alice, mut bob) = (server.member("alice").await, server.member("bob").await);
    create(&mut alice, "dev", "public").await;
    bob.join("dev").await;
    alice.say("dev", "n", "hello").await;
    bob.hear_type("message").await;
    assert_eq!(listed(&server, "dev").await[0][2..5], ["public", "2", "1"]);

    done(&server, &["room", "delete", "dev"]).await;
    // It ends as if the members had left, with the next seq, and they are told why.
    let left = bob.hear(|frame| frame["type"] == "member" && frame["room"] == "dev").await;
    assert_eq!((&left["change"], &left["user"]["name"]), (&json!("left"), &json!("bob")));
    assert_eq!(left["seq"], 2);
    assert_eq!(bob.hear_type("notice").await["text"], "The operator deleted #dev.");
    assert_eq!(bob.refused(json!({"type": "join", "room": "dev"})).await, "no_such_room");
    assert_eq!(listed(&server, "dev").await, Vec::<Vec<String>>::new());
    let mut again = server.peer().await;
    let cursors = json!({"general": 0, "dev": 1});
    let welcome = again.resume(&bob.token, &bob.log, cursors).await;
    let names: Vec<&Value> = welcome["rooms"].as_array().unwrap().iter().map(|room| &room["name"]).collect();
    assert_eq!(names, ["general"]);
    again.hears_no("reset").await;
    let audit = done(&server, &["audit"]).await;
    assert!(audit.contains("room delete dev"), "{audit}");
}

#[tokio::test]
async fn the_room_that_everyone_enters_first_stays() {
    let server = Server::start().await;
    let why = refused(&server, &["room", "delete", "general"]).await;
    assert!(why.contains("#general is the room that everyone enters first."), "{why}");
    assert_eq!(listed(&server, "general").await.len(), 1);
    let why = refused(&server, &["room", "delete", "nowhere"]).await;
    assert!(why.contains("There is no such room"), "{why}");
}

#[tokio::test]
async fn one_of_several_private_rooms_of_a_name_is_deleted_by_its_number() {
    let server = Server::start().await;
    let (mut alice, mut bob) = (server.member("alice").await, server.member("bob").await);
    create(&mut alice, "den", "private").await;
    create(&mut bob, "den", "private").await;
    let rows = listed(&server, "den").await;
    let why = refused(&server, &["room", "delete", "den"]).await;
    assert!(why.contains(&format!("There are rooms {}, {} of that name", rows[0][0], rows[1][0])), "{why}");
    done(&server, &["room", "delete", "--id", &rows[0][0]]).await;
    alice.hear_type("notice").await;
    bob.say("den", "n", "still here").await;
    // Admins read the audit log, and must not learn of private rooms.
    let audit = done(&server, &["audit"]).await;
    assert!(!audit.contains("den"), "{audit}");
}

#[tokio::test]
async fn a_deleted_room_leaves_nothing_in_the_data_folder() {
    let server = Server::start().await;
    let mut alice = server.account("alice").await;
    let secret = "0f3c1c6bfe2a";
    create(&mut alice, "dev", "public").await;
    let head = file_headers(&alice.token);
    let file = post_as(server.address, "/api/files", &head, &form("secret.txt", secret)).await;
    let text = format!("{secret} @alice");
    let send = json!({"type": "send", "room": "dev", "nonce": "n", "text": text, "files": [file.body["id"]]});
    let seq = alice.must(send).await["seq"].clone();
    alice.must(json!({"type": "react", "room": "dev", "seq": seq, "emoji": "👍"})).await;
    alice.must(json!({"type": "search", "query": secret})).await;
    done(&server, &["room", "delete", "dev"]).await;
    let found = alice.must(json!({"type": "search", "query": secret})).await;
    assert_eq!(found["messages"], json!([]));
    drop(alice);
    let (_, dir) = server.stop().await;
    let mut folders = vec![dir.path().to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let bytes = std::fs::read(&path).unwrap();
            let holds = bytes.windows(secret.len()).any(|some| some == secret.as_bytes());
            assert!(!holds, "{} has it", path.display());
        }
    }
}

#[tokio::test]
async fn a_message_of_a_deleted_room_is_never_stored_again_under_its_name() {
    let server = Server::start().await;
    let mut alice = server.member("alice").await;
    create(&mut alice, "dev", "public").await;
    alice.say("dev", "n-1", "hello").await;
    let again = json!({"type": "send", "room": "dev", "nonce": "n-1", "text": "hello"});
    done(&server, &["room", "delete", "dev"]).await;
    assert_eq!(alice.refused(again.clone()).await, "no_such_room");
    create(&mut alice, "dev", "public").await;
    assert_eq!(alice.refused(again.clone()).await, "no_such_room");
    let server = Server::after(server).await;
    let mut later = server.peer().await;
    later.come(&alice.token).await;
    assert_eq!(later.refused(again).await, "no_such_room", "nor after a restart");
    assert_eq!(later.whole_room("dev").await, Vec::<Value>::new());
    later.say("dev", "n-2", "hello").await;
}

/// One device slept while the room was deleted and another device created and filled one with the same name.
#[tokio::test]
async fn a_cursor_of_a_deleted_room_means_nothing_in_a_later_one_of_its_name() {
    let server = Server::start().await;
    let mut alice = server.member("alice").await;
    create(&mut alice, "dev", "public").await;
    for n in 0..5 {
        alice.say("dev", &format!("old-{n}"), "old").await;
    }
    done(&server, &["room", "delete", "dev"]).await;
    let start = create(&mut alice, "dev", "public").await["head"].as_u64().unwrap();
    assert!(start > 6, "no seq comes again, nor the one that told of the removal: {start}");
    for n in 0..9 {
        assert_eq!(alice.say("dev", &format!("new-{n}"), "new").await, start + 1 + n);
    }
    let mut asleep = server.peer().await;
    asleep.resume(&alice.token, &alice.log, json!({"dev": 5})).await;
    // A head below the cursor makes a client drop what it holds.
    assert_eq!(asleep.hear_type("reset").await["head"], 0);
    assert_eq!(asleep.hear_type("reset").await["head"], start + 9);
    asleep.hears_no("message").await;
    let joined = asleep.must(json!({"type": "join", "room": "dev", "after": 5})).await;
    assert!(joined["events"].is_null(), "{joined}");
    assert_eq!(joined["messages"].as_array().map(Vec::len), Some(9));
    let mut awake = server.peer().await;
    awake.resume(&alice.token, &alice.log, json!({"dev": start + 7})).await;
    assert_eq!(awake.texts_until("dev", "new").await.len(), 1);
    awake.hears_no("reset").await;
}
