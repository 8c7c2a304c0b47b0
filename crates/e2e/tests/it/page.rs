//! The page alone: names, reconnecting, scrolling.

use serde_json::json;
use thirtyfour::TypingData;
use thirtyfour::prelude::*;

use testbed::{PATIENCE, Server};

use crate::support::{Person, browse, page as page_of, writes};

#[tokio::test]
async fn a_name_is_asked_remembered_and_asked_again_where_it_is_taken() {
    let server = Server::start().await;
    writes(&server, "bob", ["hello".to_owned()]).await;
    browse(async |page| {
        page.goto(&page_of(&server, false)).await.unwrap();
        let field = page.find(By::Id("login-name")).await.unwrap();
        field.send_keys("Bob".to_owned() + Key::Enter).await.unwrap();
        page.until(
            "the name is taken",
            "return document.getElementById('login-error').textContent.includes('in use')",
        )
        .await;
        page.enters(&page_of(&server, false), "Alice").await;
        page.sees("hello").await;
        assert_eq!(page.value("return document.getElementById('me').textContent").await, "alice, guest");
        page.refresh().await.unwrap();
        page.until(
            "the session is remembered",
            "return document.getElementById('me').textContent === 'alice, guest'",
        )
        .await;
        page.sees("hello").await;
    })
    .await;
}

#[tokio::test]
async fn a_message_written_while_the_server_is_away_waits_and_goes_later() {
    let server = Server::start().await;
    browse(async |page| {
        page.enters(&page_of(&server, false), "alice").await;
        page.says("before").await;
        page.sees("before").await;
        let (address, dir) = server.stop().await;
        page.until(
            "the banner tells",
            "return document.getElementById('banner').textContent.includes('Offline')",
        )
        .await;
        page.says("while away").await;
        page.says("and another").await;
        page.until("they wait", "return document.querySelectorAll('.pending').length === 2").await;
        page.until(
            "the banner counts",
            "return document.getElementById('banner').textContent.includes('2 messages are waiting')",
        )
        .await;
        page.refresh().await.unwrap();
        let server = Server::on(address, dir, |_| {}).await;
        page.goto(&page_of(&server, false)).await.unwrap();
        for text in ["before", "while away", "and another"] {
            page.sees(text).await;
        }
        assert_eq!(page.texts().await, ["before", "while away", "and another"], "once, and in order");
        page.until(
            "the banner is gone",
            "return !document.getElementById('banner').classList.contains('shown')",
        )
        .await;
        page.until("nothing waits", "return localStorage.getItem('chat.outbox') === '[]'").await;
    })
    .await;
}

#[tokio::test]
async fn older_messages_load_as_one_scrolls_up_and_the_place_is_kept_when_news_come() {
    let server = Server::start().await;
    writes(&server, "bob", (1..=450).map(|n| format!("message {n}"))).await;
    browse(async |page| {
        page.enters(&page_of(&server, false), "alice").await;
        page.sees("message 450").await;
        page.until("it is at the end", "const t = document.getElementById('timeline'); return t.scrollHeight - t.scrollTop - t.clientHeight < 5").await;
        let began = std::time::Instant::now();
        // Scrolls up to the beginning, as with the wheel.
        while page.value("return document.getElementById('begins').hidden").await == json!(true) {
            assert!(began.elapsed() < PATIENCE);
            page.value("document.getElementById('timeline').scrollTop = 0").await;
        }
        page.value("document.getElementById('timeline').scrollTop = 0").await;
        let texts = page.texts().await;
        assert!(texts.len() <= 300, "{} in the document", texts.len());
        let expected: Vec<String> = (1..=texts.len()).map(|n| format!("message {n}")).collect();
        assert_eq!(texts, expected, "whole and in order");
        let top = "return document.querySelector('#messages .message').getBoundingClientRect().top";
        let before = page.value(top).await;
        writes(&server, "carol", ["news".to_owned(), "more news".to_owned()]).await;
        page.until("the pill counts", "return document.getElementById('newest').textContent === '↓ 2 new'").await;
        assert_eq!(page.value(top).await, before, "nothing moved");
        page.find(By::Id("newest")).await.unwrap().click().await.unwrap();
        page.sees("more news").await;
        page.until("it is gone", "return document.getElementById('newest').hidden").await;
    })
    .await;
}

#[tokio::test]
async fn the_keyboard_is_enough_and_a_screen_reader_hears_the_news() {
    let server = Server::start().await;
    browse(async |page| {
        page.enters(&page_of(&server, false), "alice").await;
        let keys = async |text: TypingData| {
            page.active_element().await.unwrap().send_keys(text).await.unwrap();
        };
        // The composer has the focus from the start.
        keys("first line".to_owned() + Key::Shift + Key::Enter + Key::Null + "second" + Key::Enter).await;
        page.sees("first line\nsecond").await;
        keys("/create dev What we build".to_owned() + Key::Enter).await;
        page.until("the new room is shown", "return document.getElementById('room-name').textContent === '#dev'").await;
        assert_eq!(page.value("return document.getElementById('room-topic').textContent").await, "What we build");
        keys("/dance".to_owned() + Key::Enter).await;
        page.until("it is told", "return document.getElementById('composer-note').textContent.includes('no command /dance')").await;
        page.value("document.getElementById('composer-text').value = ''").await;
        keys(Key::Alt + Key::Down + Key::Null).await;
        page.until("the other room is shown", "return document.getElementById('room-name').textContent === '#general'").await;
        writes(&server, "bob", ["can you hear me?".to_owned()]).await;
        page.until("it is spoken", "return document.querySelector('[role=log]').textContent === 'bob: can you hear me?'").await;
        keys(Key::Alt + Key::Down + Key::Null).await;
        page.until("dev is shown", "return document.getElementById('room-name').textContent === '#dev'").await;
        writes(&server, "carol", ["and now?".to_owned()]).await;
        page.until("the other room counts", "return document.querySelector('[data-room=general] .count').textContent === '1'").await;
        page.until("and so does the title", "return document.title.startsWith('(1) #dev')").await;
        let unnamed = "return [...document.querySelectorAll('button, input, textarea')].filter((e) => e.offsetParent && !(e.textContent.trim() || e.ariaLabel || e.labels?.length)).length";
        assert_eq!(page.value(unnamed).await, 0, "every control has a name");
    })
    .await;
}

#[tokio::test]
async fn it_is_usable_on_a_small_screen() {
    let server = Server::start().await;
    writes(&server, "bob", ["W".repeat(400), "short".to_owned()]).await;
    browse(async |page| {
        page.set_window_rect(0, 0, 360, 640).await.unwrap();
        page.enters(&page_of(&server, false), "alice").await;
        page.sees("short").await;
        // Headless windows have a minimum width, so the page is put into a narrow frame.
        page.value("const f = document.createElement('div'); document.documentElement.style.width = '360px'; return f.tagName").await;
        assert_eq!(page.value("return document.documentElement.scrollWidth <= Math.max(360, innerWidth)").await, true, "no sideways scroll");
        page.find(By::Id("open-rooms")).await.unwrap().click().await.unwrap();
        page.until("the rooms are there", "return document.getElementById('rooms').classList.contains('open')").await;
        page.find(By::Css("[data-room=general]")).await.unwrap().click().await.unwrap();
        page.until("and gone again", "return !document.getElementById('rooms').classList.contains('open')").await;
        page.says("from a phone").await;
        page.sees("from a phone").await;
    })
    .await;
}
