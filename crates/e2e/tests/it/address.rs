//! The room in the page's address: followed, but never trusted.

use serde_json::json;
use testbed::{Client, Server};
use thirtyfour::prelude::*;

use crate::support::{Person, browse, page as page_of};

const WATCH: &str = "window.wrong = []; addEventListener('error', (e) => wrong.push(e.message)); addEventListener('unhandledrejection', (e) => wrong.push(String(e.reason)))";

async fn is_in(page: &WebDriver, room: &str) {
    let script = format!(
        "return document.getElementById('room-name').textContent === '#{room}' && decodeURIComponent(location.hash) === '#{room}'"
    );
    page.until(&format!("#{room} is shown, and the address says so"), &script).await;
}

async fn types(page: &WebDriver, hash: &str) {
    page.value(&format!("location.hash = {}", json!(hash))).await;
}

async fn tells(page: &WebDriver, words: &str) {
    let script = format!(
        "return !document.getElementById('offer').hidden && document.getElementById('offer-text').textContent.includes({})",
        json!(words)
    );
    page.until(&format!("it tells {words:?}"), &script).await;
}

#[tokio::test]
async fn field_19_the_address_back_and_forward_lead_to_rooms() {
    let server = Server::start().await;
    browse(async |page| {
        page.enters(&page_of(&server, false), "alice").await;
        for room in ["dev", "ops"] {
            page.says(&format!("/create {room}")).await;
            is_in(&page, room).await;
        }
        types(&page, "#general").await;
        is_in(&page, "general").await;
        page.says("typed into the address bar").await;
        page.sees("typed into the address bar").await;
        for room in ["ops", "dev", "general"] {
            page.back().await.unwrap();
            is_in(&page, room).await;
        }
        for room in ["dev", "ops", "general"] {
            page.forward().await.unwrap();
            is_in(&page, room).await;
        }
        types(&page, "#DEV").await;
        is_in(&page, "dev").await;
        // The link that skips the list of rooms does not change the room.
        page.value("document.querySelector('.skip').click()").await;
        assert_eq!(
            page.value("return [document.activeElement.id, location.hash]").await,
            json!(["composer-text", "#dev"])
        );
        page.refresh().await.unwrap();
        is_in(&page, "dev").await;
    })
    .await;
}

#[tokio::test]
async fn field_18_what_names_no_room_is_told_and_harms_nothing() {
    let server = Server::start().await;
    let long = "x".repeat(20_000);
    let wishes = [
        ("#100%25off%", "The address names no room: 100%25off%"),
        ("#%", "names no room: %"),
        ("#%E0%A4%A", "names no room"),
        ("#%00", "names no room"),
        ("#<img src=x onerror=wrong.push(1)>", "names no room"),
        ("#javascript:alert(1)", "names no room"),
        ("#__proto__", "no room #__proto__"),
        ("#constructor", "no room #constructor"),
        ("#no-such-room", "There is no room #no-such-room"),
        ("#@1-999", "no room #@1-999"),
        ("#%2F..%2F", "names no room"),
        ("#%F0%9F%8E%89", "names no room"),
    ];
    browse(async |page| {
        page.enters(&page_of(&server, false), "alice").await;
        page.value(WATCH).await;
        for (hash, words) in
            wishes.iter().copied().chain([(format!("#{long}").as_str(), "names no room: xxx")])
        {
            types(&page, hash).await;
            tells(&page, words).await;
            is_in(&page, "general").await;
            assert!(
                page.value("return document.getElementById('offer-text').textContent.length")
                    .await
                    .as_u64()
                    .unwrap()
                    < 120
            );
            page.value("document.getElementById('offer-off').click()").await;
        }
        assert_eq!(page.value("return window.wrong").await, json!([]));
        assert_eq!(page.value("return document.querySelectorAll('#offer img').length").await, 0);
        // The same when the page loads.
        for (hash, words) in wishes {
            page.goto("about:blank").await.unwrap();
            page.goto(&format!("{}{hash}", page_of(&server, false))).await.unwrap();
            tells(&page, words).await;
            is_in(&page, "general").await;
        }
    })
    .await;
}

#[tokio::test]
async fn an_address_joins_no_room_by_itself() {
    let server = Server::start().await;
    let mut bob = Client::connect(server.address, json!({"name": "bob"})).await.unwrap();
    bob.ask(json!({"type": "create", "room": "dev"})).await.unwrap();
    let mut members = async || {
        bob.ask(json!({"type": "members", "room": "dev"})).await.unwrap()["members"].as_array().unwrap().len()
    };
    browse(async |page| {
        page.enters(&format!("{}#dev", page_of(&server, false)), "alice").await;
        tells(&page, "You are not in #dev.").await;
        is_in(&page, "general").await;
        page.says("here").await;
        page.sees("here").await;
        assert_eq!(members().await, 1, "she is not in it");
        page.find(By::Id("offer-off")).await.unwrap().click().await.unwrap();
        types(&page, "#dev").await;
        tells(&page, "You are not in #dev.").await;
        is_in(&page, "general").await;
        assert_eq!(members().await, 1, "nor now");
        let join = page.find(By::Id("offer-yes")).await.unwrap();
        assert_eq!(join.text().await.unwrap(), "Join #dev");
        join.click().await.unwrap();
        is_in(&page, "dev").await;
        assert_eq!(members().await, 2);
    })
    .await;
}

#[tokio::test]
async fn nothing_that_was_written_stays_in_the_browser_at_logout() {
    let server = Server::start().await;
    browse(async |page| {
        page.enters(&page_of(&server, false), "alice").await;
        let first = "return JSON.stringify(localStorage) + document.body.textContent + document.getElementById('composer-text').value";
        let (address, dir) = server.stop().await;
        page.until("it is away", "return document.getElementById('banner').textContent.includes('Offline')").await;
        page.says("a secret that waits").await;
        page.until("it waits", "return localStorage.getItem('chat.outbox').includes('secret')").await;
        page.find(By::Id("composer-text")).await.unwrap().send_keys("a secret draft").await.unwrap();
        let server = Server::on(address, dir, |config| config.guests = true).await;
        page.value("window.stored = JSON.stringify(localStorage)").await;
        page.until("it went", "return localStorage.getItem('chat.outbox') === '[]'").await;
        let (address, dir) = server.stop().await;
        page.until("it is away", "return document.getElementById('banner').textContent.includes('Offline')").await;
        page.find(By::Id("composer-text")).await.unwrap().clear().await.unwrap();
        page.says("a secret that waits still").await;
        page.find(By::Id("composer-text")).await.unwrap().send_keys("a secret draft").await.unwrap();
        page.value("document.querySelector('[data-open=logout]').click()").await;
        page.until("it is left", "return document.getElementById('chat').hidden && !document.getElementById('login').hidden").await;
        page.until("that is told", "return document.getElementById('login-error').textContent.includes('could not be told')").await;
        page.until("nothing is left", "return !document.getElementById('messages').textContent").await;
        let left = page.value(first).await;
        assert!(!left.as_str().unwrap().contains("secret"), "{left}");
        drop((address, dir));
    })
    .await;
}
