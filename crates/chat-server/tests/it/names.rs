//! The names of guests: taken, reserved and free again.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use chat_server::clock::{Clock, DAY_MS};
use serde_json::json;

use crate::support::{Accounts, Host, PASSWORD, Peer, Process, Server, bearer, post, post_as};

#[tokio::test]
async fn name_01_name_02_a_name_in_use_is_taken_in_any_spelling_and_the_connection_goes_on() {
    let server = Server::start().await;
    let _alice = server.member("alice").await;
    let mut other = server.peer().await;
    for name in ["alice", "ALICE", "ａｌｉｃｅ", "a1ice"] {
        assert_eq!(
            other.refused(json!({"type": "hello", "protocol": 1, "name": name})).await,
            "name_taken",
            "{name}"
        );
    }
    for name in ["", "a b", "a\u{1b}[31m", "\u{430}lice", "admin", "SYSTEM", "..", "x\u{202e}y"] {
        assert_eq!(
            other.refused(json!({"type": "hello", "protocol": 1, "name": name})).await,
            "name_invalid",
            "{name}"
        );
    }
    assert_eq!(other.hello("bob").await["user"]["name"], "bob");
}

#[tokio::test]
async fn a_token_brings_the_same_user_back_and_a_wrong_one_does_not() {
    let server = Server::start().await;
    let mut alice = server.member("alice").await;
    let (token, log) = (alice.token.clone(), alice.log.clone());
    let id =
        alice.ask(json!({"type": "members", "room": "general"})).await["members"][0]["user"]["id"].clone();
    let mut second = server.peer().await;
    let welcome = second.resume(&token, &log, json!({})).await;
    assert_eq!((&welcome["user"]["id"], &welcome["rooms"][0]["name"]), (&id, &json!("general")));
    assert_eq!(welcome["token"], token.as_str());
    let mut thief = server.peer().await;
    let other = if token.ends_with('0') { "1" } else { "0" };
    let wrong = format!("{}{other}", &token[..token.len() - 1]);
    for token in [wrong.as_str(), "", "chat_"] {
        let hello = json!({"type": "hello", "protocol": 1, "token": token});
        assert_eq!(thief.refused(hello).await, "unauthorized");
    }
    assert_eq!(thief.hello("thief").await["user"]["name"], "thief", "by name after all");
}

#[tokio::test]
async fn a_name_is_kept_for_a_day_and_then_free_and_its_user_comes_back_under_another() {
    let now = Arc::new(AtomicI64::new(1_800_000_000_000));
    let time = now.clone();
    let server = Server::with(|config| config.clock = Clock::new(move || time.load(Ordering::SeqCst))).await;
    let mut first = server.member("alice").await;
    first.say("general", "n1", "I was here").await;
    let (token, log) = (first.token.clone(), first.log.clone());
    drop(first);
    let mut bob = server.peer().await;
    let hello = json!({"type": "hello", "protocol": 1, "name": "alice"});
    assert_eq!(bob.refused(hello.clone()).await, "name_taken");
    now.fetch_add(DAY_MS - 1000, Ordering::SeqCst);
    assert_eq!(bob.refused(hello.clone()).await, "name_taken");
    now.fetch_add(2000, Ordering::SeqCst);
    // The end of the last session is stored a moment later.
    let welcome = loop {
        let reply = bob.ask(hello.clone()).await;
        if reply["type"] == "welcome" {
            break reply;
        }
        now.fetch_add(1000, Ordering::SeqCst);
    };
    let mut old = server.peer().await;
    let back = old.resume(&token, &log, json!({})).await;
    assert_eq!(back["user"]["name"], "alice-2");
    assert_ne!(back["user"]["id"], welcome["user"]["id"]);
    let page = old.ask(json!({"type": "history", "room": "general", "before": 9})).await;
    assert_eq!(page["messages"][0]["by"], json!({"id": back["user"]["id"], "name": "alice-2"}));
}

#[tokio::test]
async fn a_name_is_not_free_while_its_user_is_online_however_long() {
    let now = Arc::new(AtomicI64::new(1_800_000_000_000));
    let time = now.clone();
    let server = Server::with(|config| config.clock = Clock::new(move || time.load(Ordering::SeqCst))).await;
    let _alice = server.member("alice").await;
    now.fetch_add(10 * DAY_MS, Ordering::SeqCst);
    let mut other = server.peer().await;
    assert_eq!(other.refused(json!({"type": "hello", "protocol": 1, "name": "alice"})).await, "name_taken");
}

#[tokio::test]
async fn ws_20_hello_comes_first_once_and_in_this_protocol() {
    let server = Server::start().await;
    let mut peer = server.peer().await;
    assert_eq!(peer.refused(json!({"type": "rooms"})).await, "hello_first");
    assert_eq!(
        peer.refused(json!({"type": "hello", "protocol": 2, "name": "a"})).await,
        "unsupported_protocol"
    );
    assert_eq!(peer.refused(json!({"type": "hello", "protocol": 1})).await, "bad_request");
    assert_eq!(peer.refused(json!({"type": "hello", "name": "a"})).await, "bad_request");
    peer.hello("alice").await;
    assert_eq!(peer.refused(json!({"type": "hello", "protocol": 1, "name": "b"})).await, "bad_request");
}

/// At every log level: texts and tokens are only for their readers and owners.
#[tokio::test]
async fn log_02_neither_a_token_nor_a_password_nor_a_text_is_ever_logged() {
    let dir = tempfile::tempdir().unwrap();
    let log = dir.path().join("log");
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_chat-server"));
    command
        .args(["--listen", "127.0.0.1:0", "--log-level", "trace", "--data-dir"])
        .arg(dir.path().join("data"));
    command.stderr(std::fs::File::create(&log).unwrap());
    let server = Process::spawn_loud(command);
    let mut alice = Peer::connect(server.address).await;
    alice.hello("alice").await;
    alice.join("general").await;
    alice.say("general", "n1", "between the two of us").await;
    alice.ask(json!({"type": "topic", "room": "general", "topic": "between us"})).await;
    let token = alice.token.clone();
    for path in ["/api/register", "/api/login"] {
        let body = json!({"name": "margarethe", "password": PASSWORD});
        post(server.address, path, "User-Agent: x\u{1b}[2J\nfake line\r\n", body).await;
    }
    let wrong = json!({"name": "margarethe", "password": "between you and me"});
    post(server.address, "/api/login", "", wrong).await;
    let malformed = "{\"name\": \"margarethe\", \"password\": [\"between us\"]}";
    post_as(server.address, "/api/login", "Content-Type: application/json\r\n", malformed).await;
    assert_eq!(server.terminate().await, Some(0));
    let logged = std::fs::read_to_string(log).unwrap();
    assert!(logged.contains("stopping"), "the log works");
    assert!(!logged.contains('\u{1b}'), "no control characters");
    for secret in ["between", PASSWORD, "nonsense", token.as_str(), &token[5..25]] {
        assert!(!logged.contains(secret), "{secret}");
    }
}

#[tokio::test]
async fn no_token_is_kept_anywhere() {
    let server = Server::start().await;
    let alice = server.member("alice").await;
    let token = alice.token.clone();
    drop(alice);
    let (_, dir) = server.stop().await;
    let entries = std::fs::read_dir(dir.path()).unwrap().map(|entry| entry.unwrap().path());
    for path in entries.filter(|path| path.is_file()) {
        let bytes = std::fs::read(path).unwrap();
        assert!(!bytes.windows(token.len()).any(|w| w == token.as_bytes()));
        assert!(!bytes.windows(20).any(|w| w == &token.as_bytes()[5..25]));
    }
}

/// Requests a name over HTTP. Returns the resulting name, or the code of the refusal.
async fn asked(server: &Server, name: &str) -> String {
    let answer = post(server.address, "/api/guest", "", json!({"name": name})).await;
    let said = if answer.status == 200 { &answer.body["user"]["name"] } else { &answer.body["code"] };
    said.as_str().unwrap_or_default().to_owned()
}

#[tokio::test]
async fn name_01_case_width_and_what_cannot_be_seen() {
    let server = Server::start().await;
    server.register("margarethe").await;
    for name in ["Margarethe", "MARGARETHE", "ｍａｒｇａｒｅｔｈｅ"] {
        assert_eq!(asked(&server, name).await, "name_taken", "{name}");
    }
    for name in [
        "ⓜargarethe",
        "margarethe\u{200b}",
        "mar\u{ad}garethe",
        "margarethe ",
        " margarethe",
        "marga\u{2060}rethe",
    ] {
        assert_eq!(asked(&server, name).await, "name_invalid", "{name:?}");
    }
}

#[tokio::test]
async fn name_02_letters_that_look_alike() {
    let server = Server::start().await;
    for name in ["mark", "owner", "paul"] {
        server.register(name).await;
    }
    for name in ["rnark", "0wner", "pau1"] {
        assert_eq!(asked(&server, name).await, "name_taken", "{name}");
    }
    for name in ["m\u{430}rk", "ChɑnServ", "\u{440}\u{430}ul"] {
        let code = asked(&server, name).await;
        assert!(["name_taken", "name_invalid"].contains(&code.as_str()), "{name}: {code}");
    }
}

#[tokio::test]
async fn name_03_scripts_lengths_and_what_is_no_letter() {
    let server = Server::start().await;
    for name in [
        "",
        " ",
        "   ",
        "\u{301}\u{302}",
        "\u{3164}",
        "😀😀😀",
        "a\u{440}b",
        &"x".repeat(33),
        &"x".repeat(10_000),
        &"ж".repeat(33),
    ] {
        assert_eq!(asked(&server, name).await, "name_invalid", "{name:?}");
    }
    for name in ["x", &"y".repeat(32), "жанна", "さくら", "박지성", "محمد"] {
        assert_eq!(asked(&server, name).await, *name, "{name}");
    }
}

#[tokio::test]
async fn name_04_names_that_mean_something_else() {
    let server = Server::start().await;
    for name in [
        ".",
        "..",
        "/",
        "\\",
        "@all",
        "all",
        "here",
        "system",
        "deleted",
        "null",
        "true",
        "-a",
        "#a",
        "@a",
        "/a",
        "deleted-7",
        "operator",
    ] {
        assert_eq!(asked(&server, name).await, "name_invalid", "{name}");
    }
}

#[tokio::test]
async fn name_05_one_spelling_whatever_was_typed() {
    let server = Server::start().await;
    assert_eq!(asked(&server, "jose\u{301}").await, "jos\u{e9}");
    assert_eq!(asked(&server, "jos\u{e9}").await, "name_taken");
    for (name, other) in [("ΣΊΣΥΦΟΣ", "σίσυφος"), ("straße", "STRASSE")] {
        let first = asked(&server, name).await;
        let again = asked(&server, &first).await;
        assert!(first == "name_invalid" || again == "name_taken", "{name}: {first}, then {again}");
        assert_ne!(asked(&server, other).await, "", "{other} is answered");
    }
}

#[tokio::test]
async fn name_06_a_name_that_was_given_up_takes_nothing_along() {
    let server = Server::start().await;
    let mut alice = server.member("alice").await;
    alice.say("general", "n", "as alice").await;
    let body = json!({"name": "margarethe", "password": PASSWORD});
    assert_eq!(post(server.address, "/api/register", &bearer(&alice.token), body).await.status, 200);
    let mut other = server.member("alice").await;
    let said = &other.whole_room("general").await[0];
    assert_eq!(said["by"]["name"], "margarethe", "what was said stays with who said it");
    let mut admin = server.admin("boss").await;
    admin.must(json!({"type": "ban", "user": "alice"})).await;
    let renamed = json!({"name": "a1ice", "password": PASSWORD});
    let carol = server.member("carol").await;
    assert_eq!(
        post(server.address, "/api/register", &bearer(&carol.token), renamed).await.body["code"],
        "banned"
    );
}

#[tokio::test]
async fn name_07_room_names() {
    let server = Server::start().await;
    let mut alice = server.member("alice").await;
    for name in [
        "",
        ".",
        "..",
        "a/b",
        "Dev",
        "dev room",
        "d\u{435}v",
        "dev\u{200b}",
        "@1-2",
        "#dev",
        "ｄｅｖ",
        "a\nb",
        &"x".repeat(33),
    ] {
        assert_eq!(alice.refused(json!({"type": "create", "room": name})).await, "name_invalid", "{name:?}");
    }
    alice.must(json!({"type": "create", "room": "x".repeat(32)})).await;
}

#[tokio::test]
async fn name_08_a_user_has_one_name_and_it_is_the_one_to_log_in_with() {
    let server = Server::start().await;
    let mut peer = server.account("alice").await;
    let members = peer.must(json!({"type": "members", "room": "general"})).await;
    let shown = members["members"][0]["user"]["name"].as_str().unwrap().to_owned();
    let login = post(server.address, "/api/login", "", json!({"name": shown, "password": PASSWORD})).await;
    assert_eq!(login.status, 200);
}
