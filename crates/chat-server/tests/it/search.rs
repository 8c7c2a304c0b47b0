//! Finds messages: in any script, newest first, and only in rooms that the user may read.

use serde_json::{Value, json};

use crate::support::{Accounts, Host, Peer, Server, seqs};

async fn found(peer: &mut Peer, query: &str) -> Vec<u64> {
    let reply = peer.must(json!({"type": "search", "query": query})).await;
    seqs(reply["messages"].as_array().unwrap())
}

#[tokio::test]
async fn words_phrases_people_and_days_in_any_script() {
    let server = Server::start().await;
    let (mut alice, mut bob) = (server.member("alice").await, server.member("bob").await);
    let texts = [
        "The quick brown fox",
        "jumps over the lazy dog",
        "来週、東京に行きます。",
        "Größe und Café",
        "a lazy FOX, and a quick dog",
        "ни пуха ни пера",
        "ภาษาไทย",
    ];
    for (n, text) in texts.iter().enumerate() {
        let peer = if n % 2 == 0 { &mut alice } else { &mut bob };
        peer.say("general", &format!("n{n}"), text).await;
    }
    for (query, expected) in [
        ("fox", vec![5, 1]),
        ("FOX quick", vec![5, 1]),
        ("\"lazy dog\"", vec![2]),
        ("東京", vec![3]),
        ("京東", vec![]),
        ("行きます", vec![3]),
        ("grosse", vec![4]),
        ("cafe", vec![4]),
        ("ПУХА", vec![6]),
        ("ไทย", vec![7]),
        ("lazy from:alice", vec![5]),
        ("lazy from:@bob in:#general", vec![2]),
        ("fox before:2020-01-01", vec![]),
    ] {
        assert_eq!(found(&mut alice, query).await, expected, "{query}");
    }
    let reply = alice.must(json!({"type": "search", "query": "fox", "limit": 1})).await;
    assert_eq!((reply["messages"].as_array().unwrap().len(), &reply["more"]), (1, &json!(true)));
    assert_eq!(reply["messages"][0]["snippet"], "a lazy \u{e000}FOX\u{e001}, and a quick dog");
    assert_eq!(reply["messages"][0]["text"], texts[4]);
    // The newest message is found at once, and an edited one by its current text.
    alice.say("general", "late", "a heron").await;
    assert_eq!(found(&mut bob, "heron").await, [8]);
    alice.must(json!({"type": "edit", "room": "general", "seq": 8, "text": "a stork"})).await;
    assert_eq!(found(&mut bob, "heron").await, [0_u64; 0]);
    assert_eq!(found(&mut bob, "stork").await, [8]);
}

#[tokio::test]
async fn az_06_nothing_of_a_hidden_room_is_ever_found() {
    let server = Server::start().await;
    let mut alice = server.account("alice").await;
    alice.must(json!({"type": "create", "room": "secret", "kind": "private"})).await;
    alice.say("secret", "s1", "the zebra is ours").await;
    let mut admin = server.admin("boss").await;
    let mut bob = server.member("bob").await;
    for peer in [&mut bob, &mut admin] {
        assert_eq!(found(peer, "zebra").await, [0_u64; 0]);
        let asked = json!({"type": "search", "query": "zebra", "room": "secret"});
        assert_eq!(peer.refused(asked).await, "no_such_room");
        assert_eq!(peer.refused(json!({"type": "search", "query": "zebra in:secret"})).await, "no_such_room");
    }
    alice.must(json!({"type": "invite", "room": "secret", "user": "bob"})).await;
    bob.join("secret").await;
    assert_eq!(found(&mut bob, "zebra").await, [1]);
    alice.must(json!({"type": "kick", "room": "secret", "user": "bob"})).await;
    assert_eq!(found(&mut bob, "zebra").await, [0_u64; 0], "nor what one could read once");
    // A public room that the user is not in is not searched.
    alice.must(json!({"type": "create", "room": "open"})).await;
    alice.say("open", "o1", "a walrus").await;
    assert_eq!(found(&mut bob, "walrus").await, [0_u64; 0]);
}

#[tokio::test]
async fn dos_06_log_03_a_query_is_text_and_never_a_program() {
    let server = Server::start().await;
    let mut alice = server.member("alice").await;
    alice.say("general", "n1", "NEAR the fox* AND \"quoted\" ' OR 1=1--").await;
    for query in [
        "NEAR(",
        "fox*",
        "\"",
        "AND",
        "OR NOT",
        "' OR 1=1--",
        "fox AND",
        "text:fox",
        "^fox",
        "{fox}",
        "fox) (",
        "-fox",
        "%_",
    ] {
        let reply = alice.ask(json!({"type": "search", "query": query})).await;
        let fine = reply["type"] == "results" || reply["code"] == "empty";
        assert!(fine, "{query}: {reply}");
    }
    assert_eq!(found(&mut alice, "NEAR fox*").await, [1]);
    assert_eq!(found(&mut alice, "fox OR 1=1--").await, [1], "each is a word that must be there");
    for query in ["", "   ", "\"\"", "???", "from:alice"] {
        assert_eq!(alice.refused(json!({"type": "search", "query": query})).await, "empty", "{query}");
    }
    assert_eq!(alice.refused(json!({"type": "search", "query": "x ".repeat(300)})).await, "too_long");
    assert_eq!(alice.refused(json!({"type": "search", "query": Value::Null})).await, "bad_request");
    assert_eq!(
        alice.refused(json!({"type": "search", "query": "fox from:nobody-here"})).await,
        "no_such_user"
    );
    let many = (0..200).map(|n| format!("w{n}")).collect::<Vec<_>>().join(" ");
    assert_eq!(alice.refused(json!({"type": "search", "query": many})).await, "too_long");
}

#[tokio::test]
async fn one_normal_form_and_beginnings_of_words() {
    let server = Server::start().await;
    let mut alice = server.member("alice").await;
    let texts = [
        "Straße frei",
        "my Re\u{301}sume\u{301}",
        "all migrations are done",
        "학교에서 만나요",
        "we run v1.2.3 now",
        "release day 🎉",
        "ﬁnished the ＦＵＬＬ width",
        "commit 3f2a9cdeadbeef",
        "東京都庁",
        "coöperate",
    ];
    for (n, text) in texts.iter().enumerate() {
        alice.say("general", &format!("n{n}"), text).await;
    }
    for (query, expected) in [
        ("strasse", 1),
        ("STRASSE", 1),
        ("straß", 1),
        ("resume", 2),
        ("Résumé", 2),
        ("migration", 3),
        ("mig", 3),
        ("학교", 4),
        ("1.2.3", 5),
        ("v1.2", 5),
        ("🎉", 6),
        ("🎉\u{fe0f}", 6),
        ("finish full", 7),
        ("3f2a9c", 8),
        ("3f2a9cdeadbeef", 8),
        ("京都", 9),
        ("cooperate", 10),
        ("\"release day\"", 6),
    ] {
        assert_eq!(found(&mut alice, query).await, [expected], "{query}");
        let reply = alice.must(json!({"type": "search", "query": query})).await;
        let snippet = reply["messages"][0]["snippet"].as_str().unwrap();
        assert!(snippet.contains('\u{e000}'), "{query}: what is found is marked: {snippet}");
    }
    for nowhere in ["\"release da\"", "igrations", "2.1", "都京", "3f2b", "day release x"] {
        assert_eq!(found(&mut alice, nowhere).await, [0_u64; 0], "{nowhere}");
    }
    alice.must(json!({"type": "edit", "room": "general", "seq": 1, "text": "Allee frei"})).await;
    assert_eq!(found(&mut alice, "strasse").await, [0_u64; 0]);
    assert_eq!(found(&mut alice, "all").await, [3, 1]);
}

/// The author and the user's rooms narrow the search, so that a rare author is found among many messages.
#[tokio::test]
async fn an_author_is_found_behind_any_number_of_hits_by_others() {
    let server = Server::start().await;
    let (mut alice, mut bob) = (server.member("alice").await, server.member("bob").await);
    bob.say("general", "first", "budget").await;
    for n in 0..300 {
        alice.say("general", &format!("n{n}"), "budget").await;
    }
    assert_eq!(found(&mut alice, "budget from:bob").await, [1]);
}
