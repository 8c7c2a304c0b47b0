//! The numbers beside the rooms: unread messages and mentions, as the server counts them.

use serde_json::{Value, json};
use testbed::{Client, Server};
use thirtyfour::prelude::*;

use crate::support::{Person, browse, page as page_of, runs_module};

#[tokio::test]
async fn field_10_11_the_state_counts_as_the_server_does_whatever_happens() {
    let server = Server::start().await;
    browse(async |page| {
        page.goto(&page_of(&server, false)).await.unwrap();
        let wrong = runs_module(&page, include_str!("scripts/counts.js"), "2000").await;
        assert_eq!(wrong, Value::Null, "{wrong:#}");
    })
    .await;
}

/// Opens an account's page in the browser, and returns another device of hers.
async fn alice(page: &WebDriver, server: &Server) -> Client {
    page.enters(&page_of(server, false), "alice").await;
    let register = "fetch('/api/register', { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ name: 'alice', password: 'four words of nonsense' }) }).then((answer) => answer.json()).then((answer) => (window.token = answer.token)); return null";
    page.value(register).await;
    page.until("it is registered", "return typeof window.token === 'string'").await;
    let token = page.value("return window.token").await;
    Client::connect(server.address, json!({ "token": token })).await.unwrap()
}

/// Returns what the page shows beside a room: unread messages and mentions.
async fn shown(page: &WebDriver, room: &str) -> (i64, i64) {
    let script = format!(
        "const label = document.querySelector('[data-room={room}]').getAttribute('aria-label'); \
         return [Number(/, (\\d+) new/.exec(label)?.[1] ?? 0), Number(/, (\\d+) for you/.exec(label)?.[1] ?? 0)]"
    );
    let both = page.value(&script).await;
    (both[0].as_i64().unwrap(), both[1].as_i64().unwrap())
}

/// Waits until the page shows what the server counts, which must be `expected`.
async fn agree(page: &WebDriver, device: &mut Client, room: &str, expected: (i64, i64)) {
    let rooms = device.ask(json!({"type": "rooms"})).await.unwrap();
    let summary = rooms["rooms"].as_array().unwrap().iter().find(|one| one["name"] == room).unwrap().clone();
    let counted = (summary["unread"].as_i64().unwrap(), summary["mentions"].as_i64().unwrap());
    assert_eq!(counted, expected, "the server's own numbers");
    let began = std::time::Instant::now();
    while shown(page, room).await != expected {
        assert!(
            began.elapsed() < testbed::PATIENCE,
            "the page shows {:?}, the server {expected:?}",
            shown(page, room).await
        );
        tokio::time::sleep(std::time::Duration::from_millis(30)).await;
    }
}

async fn must(client: &mut Client, frame: Value) -> Value {
    let answer = client.ask(frame).await.unwrap();
    assert_ne!(answer["type"], "error", "{answer}");
    answer
}

async fn says(client: &mut Client, room: &str, text: &str) -> u64 {
    let nonce = format!(
        "n{}-{}",
        client.id,
        std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_nanos()
    );
    must(client, json!({"type": "send", "room": room, "nonce": nonce, "text": text})).await["seq"]
        .as_u64()
        .unwrap()
}

#[tokio::test]
async fn field_10_11_v7_the_page_shows_what_the_server_counts() {
    let server = Server::start().await;
    browse(async |page| {
        let mut device = alice(&page, &server).await;
        let mut bob = Client::connect(server.address, json!({"name": "bob"})).await.unwrap();
        must(&mut bob, json!({"type": "create", "room": "dev"})).await;
        // She is a member; the page shows another room, and has never opened this one.
        must(&mut device, json!({"type": "join", "room": "dev"})).await;
        page.refresh().await.unwrap();
        page.until("both rooms are there", "return Boolean(document.querySelector('#room-list [data-room=dev]')) && document.getElementById('room-name').textContent === '#general'").await;
        let mut seqs = Vec::new();
        for text in ["one", "two @alice", "three", "four @alice", "five", "six"] {
            seqs.push(says(&mut bob, "dev", text).await);
        }
        agree(&page, &mut device, "dev", (6, 2)).await;
        // A partial read elsewhere.
        must(&mut device, json!({"type": "read", "room": "dev", "seq": seqs[3]})).await;
        agree(&page, &mut device, "dev", (2, 0)).await;
        // Marked as unread elsewhere.
        must(&mut device, json!({"type": "read", "room": "dev", "seq": seqs[0]})).await;
        agree(&page, &mut device, "dev", (5, 2)).await;
        // Deleted by their author, one after another.
        must(&mut bob, json!({"type": "delete", "room": "dev", "seq": seqs[1]})).await;
        agree(&page, &mut device, "dev", (4, 1)).await;
        must(&mut bob, json!({"type": "delete", "room": "dev", "seq": seqs[3]})).await;
        agree(&page, &mut device, "dev", (3, 0)).await;
        // Messages that were read before do not count.
        must(&mut bob, json!({"type": "delete", "room": "dev", "seq": seqs[0]})).await;
        // One edit mentions her, and another removes the mention.
        must(&mut bob, json!({"type": "edit", "room": "dev", "seq": seqs[2], "text": "three @alice"})).await;
        agree(&page, &mut device, "dev", (3, 1)).await;
        must(&mut bob, json!({"type": "edit", "room": "dev", "seq": seqs[2], "text": "three again"})).await;
        agree(&page, &mut device, "dev", (3, 0)).await;
        // A user's own messages never count, even if they mention the user.
        says(&mut device, "dev", "note to @alice").await;
        says(&mut bob, "dev", "seven @alice").await;
        agree(&page, &mut device, "dev", (4, 1)).await;
        // The same after a reload, and after a break in which more arrived.
        page.refresh().await.unwrap();
        page.until("it is back", "return Boolean(document.querySelector('#room-list [data-room=dev]'))").await;
        agree(&page, &mut device, "dev", (4, 1)).await;
        let server = Server::after(server).await;
        let token = device.token.clone();
        let mut device = Client::connect(server.address, json!({ "token": token })).await.unwrap();
        let mut bob = Client::connect(server.address, json!({ "token": bob.token })).await.unwrap();
        says(&mut bob, "dev", "eight").await;
        agree(&page, &mut device, "dev", (5, 1)).await;
        // She opens it: everything is read, on both devices.
        page.value("document.querySelector('[data-room=dev]').click()").await;
        page.sees("eight").await;
        let began = std::time::Instant::now();
        while must(&mut device, json!({"type": "rooms"})).await["rooms"][0]["unread"] != 0 {
            assert!(began.elapsed() < testbed::PATIENCE);
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
        agree(&page, &mut device, "dev", (0, 0)).await;
        // Marked as unread elsewhere while it is open: it stays unread, and the divider is back.
        must(&mut device, json!({"type": "read", "room": "dev", "seq": seqs[4]})).await;
        agree(&page, &mut device, "dev", (3, 1)).await;
        page.until("the line is back", "return document.querySelector('.divider.new')?.nextElementSibling?.querySelector('.text').textContent === 'six'").await;
        says(&mut bob, "dev", "nine").await;
        page.sees("nine").await;
        agree(&page, &mut device, "dev", (4, 1)).await;
        // Until she does something there.
        page.says("I am here").await;
        page.until("it is read", "return document.querySelector('[data-room=dev] .count').hidden").await;
    })
    .await;
}
