//! Missed messages: the divider, the ways to reach it, and what alerts the person.

use serde_json::json;
use testbed::Server;
use thirtyfour::prelude::*;

use crate::support::{Person, browse, page as page_of, writes};

const SOUGHT: &str = "return (() => { const node = document.querySelector('.sought'); if (!node) return null; const r = node.getBoundingClientRect(); return r.top > 0 && r.bottom < innerHeight ? node.querySelector('.text').textContent : null; })()";

#[tokio::test]
async fn keys_lead_to_the_first_unread_and_to_the_next_mention_and_on_from_there() {
    let server = Server::start().await;
    browse(async |page| {
        page.enters(&page_of(&server, false), "alice").await;
        page.says("/create dev").await;
        page.until("dev is shown", "return document.getElementById('room-name').textContent === '#dev'").await;
        let mut texts: Vec<String> = (1..=400).map(|n| format!("message {n}")).collect();
        texts[149] = "message 150 for @alice".to_owned();
        texts[249] = "message 250 for @alice".to_owned();
        writes(&server, "bob", texts).await;
        // None of them is in the page.
        page.refresh().await.unwrap();
        page.until("dev is back", "return document.getElementById('room-name').textContent === '#dev' && Boolean(document.querySelector('[data-room=general]'))").await;
        page.find(By::Css("[data-room=general]")).await.unwrap().click().await.unwrap();
        page.sees("message 400").await;
        page.until("it counts", "return document.getElementById('to-unread').textContent === '↑ 400 unread' && !document.getElementById('to-unread').hidden").await;
        page.until("and those for her", "return document.getElementById('to-mention').textContent === '@ 2 for you' && !document.getElementById('to-mention').hidden").await;
        let keys = async |key: &str| {
            let chord = Key::Alt + key.to_owned() + Key::Null;
            page.active_element().await.unwrap().send_keys(chord).await.unwrap();
        };
        for named in ["message 150 for @alice", "message 250 for @alice"] {
            keys("m").await;
            page.until("it is in sight", &format!("{SOUGHT} === {}", json!(named))).await;
        }
        page.until("there are no more", "return document.getElementById('to-mention').hidden").await;
        keys("m").await;
        page.until("it is told", "return document.getElementById('composer-note').textContent.startsWith('No more')").await;
        page.find(By::Id("to-unread")).await.unwrap().click().await.unwrap();
        page.until("the first is in sight", &format!("{SOUGHT} === 'message 1'")).await;
        page.until("the divider is above it", "return document.querySelector('.sought').previousElementSibling?.classList.contains('new') === true").await;
        page.until("the button is gone", "return document.getElementById('to-unread').hidden").await;
        // From there to the newest message, without leaving anything out.
        let began = std::time::Instant::now();
        while page.value("return document.getElementById('newest').hidden").await == json!(false) {
            assert!(began.elapsed() < testbed::PATIENCE, "{:?}", page.texts().await.last());
            page.value("const t = document.getElementById('timeline'); t.scrollTop = t.scrollHeight").await;
        }
        let texts = page.texts().await;
        let numbers: Vec<u32> = texts.iter().map(|text| text.split(' ').nth(1).unwrap().parse().unwrap()).collect();
        assert_eq!(numbers, (401 - u32::try_from(numbers.len()).unwrap()..=400).collect::<Vec<_>>());
        writes(&server, "carol", ["live again".to_owned()]).await;
        page.sees("live again").await;
    })
    .await;
}

#[tokio::test]
async fn a_hidden_page_calls_for_what_names_one_and_never_from_a_muted_room() {
    let server = Server::start().await;
    browse(async |page| {
        page.enters(&page_of(&server, false), "alice").await;
        let hide = "window.called = []; \
            window.Notification = class { static permission = 'granted'; constructor(title, { body }) { window.called.push(`${title}: ${body}`); } }; \
            Object.defineProperty(document, 'hidden', { get: () => true })";
        page.value(hide).await;
        writes(&server, "bob", ["not for her".to_owned(), "hello @alice".to_owned()]).await;
        page.until("she is called once", "return window.called.length === 1").await;
        assert_eq!(page.value("return window.called").await, json!(["bob in chat: hello @alice"]));
        page.says("/notify none").await;
        page.until("it is done", "return document.getElementById('composer-note').textContent === 'Done.'").await;
        writes(&server, "carol", ["and again @alice".to_owned(), "the end".to_owned()]).await;
        page.sees("the end").await;
        assert_eq!(page.value("return window.called.length").await, json!(1));
    })
    .await;
}

#[tokio::test]
async fn what_was_seen_as_it_came_is_not_new_even_where_one_left_at_once() {
    let server = Server::start().await;
    browse(async |page| {
        page.enters(&page_of(&server, false), "alice").await;
        page.says("/create dev").await;
        page.until("dev is shown", "return document.getElementById('room-name').textContent === '#dev'").await;
        page.value("document.querySelector('[data-room=general]').click()").await;
        // She leaves at the very moment in which the message appears.
        let leaves = "new MutationObserver((_, watch) => { if (!document.querySelector('.message')) return; watch.disconnect(); document.querySelector('[data-room=dev]').click(); }).observe(document.getElementById('messages'), { childList: true })";
        page.value(leaves).await;
        writes(&server, "bob", ["seen".to_owned()]).await;
        page.until("she left", "return document.getElementById('room-name').textContent === '#dev'").await;
        writes(&server, "carol", ["missed".to_owned()]).await;
        page.until("it counts", "return document.querySelector('[data-room=general] .count').textContent === '1'").await;
        page.value("document.querySelector('[data-room=general]').click()").await;
        page.sees("missed").await;
        let lines = "return [...document.querySelectorAll('#messages > li:not(.day)')].map((li) => li.querySelector('.text')?.textContent ?? li.textContent)";
        assert_eq!(page.value(lines).await, json!(["seen", "New", "missed"]));
    })
    .await;
}
