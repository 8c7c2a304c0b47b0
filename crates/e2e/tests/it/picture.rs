//! The picture of the page in the README is what Chromium draws.

use std::path::Path;

use serde_json::{Value, json};
use testbed::{Client, Server};

use crate::support::{Person, browse, page as page_of};

/// The width and height of the picture, in pixels.
const SIZE: (u32, u32) = (1100, 620);

/// Does as `user` asks, and returns the seq of each answer that has one.
async fn does(user: &mut Client, commands: &[Value]) -> Vec<u64> {
    let mut seqs = Vec::new();
    for command in commands {
        let reply = user.ask(command.clone()).await.unwrap();
        assert_ne!(reply["type"], "error", "{command}: {reply}");
        seqs.extend(reply["seq"].as_u64());
    }
    seqs
}

fn send(nonce: &str, text: &str) -> Value {
    json!({"type": "send", "room": "general", "nonce": nonce, "text": text})
}

#[tokio::test]
async fn the_readme_shows_what_the_page_draws() {
    let server = Server::start().await;
    let mut bob = Client::connect(server.address, json!({"name": "bob"})).await.unwrap();
    let mut carol = Client::connect(server.address, json!({"name": "carol"})).await.unwrap();
    let join = json!({"type": "join", "room": "general"});
    let backup = send("b-1", "The backup of last night is **verified**: 48 GiB, no errors.");
    let create = |name, topic| json!({"type": "create", "room": name, "topic": topic});
    let commands = [join.clone(), create("dev", "What we build"), create("design", "How it looks"), backup];
    let backup = *does(&mut bob, &commands).await.last().unwrap();
    let how = *does(&mut carol, &[join, send("c-1", "Great! How long does it take to come back from one?")])
        .await
        .last()
        .unwrap();
    let mut answer =
        send("b-2", "Nine minutes. This is all:\n```sh\ncp -r backup chat-data && chat-server\n```");
    answer["reply_to"] = how.into();
    does(&mut bob, &[answer]).await;
    let react = json!({"type": "react", "room": "general", "seq": backup, "emoji": "🎉"});
    does(&mut carol, &[react]).await;
    browse(async |page| {
        // The window is larger than what it shows.
        page.set_window_rect(0, 0, SIZE.0, SIZE.1).await.unwrap();
        let bars = "return [outerWidth - innerWidth, outerHeight - innerHeight]";
        let bars: (u32, u32) = serde_json::from_value(page.value(bars).await).unwrap();
        page.set_window_rect(0, 0, SIZE.0 + bars.0, SIZE.1 + bars.1).await.unwrap();
        page.enters(&page_of(&server, false), "alice").await;
        page.sees("Great! How long does it take to come back from one?").await;
        does(&mut carol, &[send("c-2", "@alice shall we practise it on Friday?")]).await;
        page.sees("@alice shall we practise it on Friday?").await;
        page.says("Yes, at ten. The steps are in #dev.").await;
        page.sees("Yes, at ten. The steps are in #dev.").await;
        page.value("document.getElementById('composer-text').value = 'I will bring **coffee**'").await;
        let seen = page.value("return document.body.innerText").await;
        for text in
            ["design", "verified", "Nine minutes", "cp -r backup", "🎉", "alice, guest", "bob", "carol"]
        {
            assert!(seen.as_str().unwrap().contains(text), "{text} is missing: {seen}");
        }
        let size = page.value("return [innerWidth, innerHeight]").await;
        assert_eq!(size, json!([SIZE.0, SIZE.1]));
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/page.png");
        if std::env::var_os("UPDATE_README").is_some() {
            page.screenshot(&path).await.unwrap();
        }
        // Pixels differ from one system to the next. That the picture is there, and its size, do not.
        let png = std::fs::read(&path).expect("UPDATE_README=1 cargo test -p e2e picture draws it");
        let number = |at: usize| u32::from_be_bytes(png[at..at + 4].try_into().unwrap());
        assert_eq!((&png[1..4], number(16), number(20)), (&b"PNG"[..], SIZE.0, SIZE.1));
    })
    .await;
}
