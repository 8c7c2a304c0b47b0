//! Copying from the page.

use testbed::Server;
use thirtyfour::prelude::*;

use crate::support::{Person, browse, page as page_of, writes};

/// Copies what a script selects, and returns what is pasted.
async fn copied(page: &WebDriver, select: &str) -> String {
    page.value(&format!("document.getElementById('composer-text').value = ''; document.activeElement.blur(); getSelection().removeAllRanges(); const texts = [...document.querySelectorAll('#messages .message .text')]; const range = document.createRange(); {select}; getSelection().addRange(range)")).await;
    page.find(By::Tag("body")).await.unwrap().send_keys(Key::Control + "c").await.unwrap();
    let field = page.find(By::Id("composer-text")).await.unwrap();
    page.value("document.getElementById('composer-text').focus()").await;
    field.send_keys(Key::Control + "v").await.unwrap();
    let pasted = page.value("return document.getElementById('composer-text').value").await;
    pasted.as_str().unwrap().to_owned()
}

#[tokio::test]
async fn field_25_copied_messages_read_like_a_log() {
    let server = Server::start().await;
    let texts = [
        "hello there",
        "- one\n- two",
        "run `cargo test` now",
        "```\nlet a = 1;\n  let b = 2;\n```",
        "1. first\n2. second",
        "> quoted\n\nsaid",
    ];
    writes(&server, "bob", texts.map(str::to_owned)).await;
    writes(&server, "carol", ["the end".to_owned()]).await;
    browse(async |page| {
        page.enters(&page_of(&server, false), "alice").await;
        page.sees("the end").await;
        page.says("/topic tea").await;
        let times = page.value("return [...document.querySelectorAll('#messages time')].map((node) => node.textContent)").await;
        let time = |at: usize| times[at].as_str().unwrap().to_owned();
        let mut expected: Vec<String> = texts.iter().enumerate().map(|(at, text)| format!("[{}] bob: {text}", time(at))).collect();
        expected.push(format!("[{}] carol: the end", time(6)));
        let all = copied(&page, "range.setStart(texts[0], 0); range.setEnd(texts[6], texts[6].childNodes.length)").await;
        assert_eq!(all, expected.join("\n"));
        assert!(!all.contains('⋯'));
        // From the middle of one message to the middle of another.
        let part = copied(&page, "const deep = (node) => (node.firstChild ? deep(node.firstChild) : node); range.setStart(deep(texts[0]), 6); range.setEnd(texts[1].querySelectorAll('li')[1].firstChild, 2)").await;
        assert_eq!(part, format!("[{}] bob: there\n[{}] bob: - one\n- tw", time(0), time(1)));
        // A part of one message is copied without anything else.
        let word = copied(&page, "const deep = (node) => (node.firstChild ? deep(node.firstChild) : node); range.setStart(deep(texts[0]), 6); range.setEnd(deep(texts[0]), 11)").await;
        assert_eq!(word, "there");
        let code = copied(&page, "range.selectNodeContents(texts[3].querySelector('code'))").await;
        assert!(code.contains("let a = 1;\n  let b = 2;"), "{code}");
        // Everything on the page: the messages, without anything that decorates them.
        let all = copied(&page, "range.selectNodeContents(document.body)").await;
        assert!(expected.iter().all(|line| all.contains(line)) && !all.contains('⋯'), "{all}");
    })
    .await;
}
