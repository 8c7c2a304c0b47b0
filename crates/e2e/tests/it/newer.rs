//! The page with what a newer server stored or sends.

use std::net::SocketAddr;

use diesel::connection::SimpleConnection;
use diesel::{Connection, SqliteConnection};
use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use testbed::Server;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_tungstenite::tungstenite::Message;

use crate::support::{Person, browse, page, writes};

const TOLD: &str = "return [...document.querySelectorAll('#messages .told')].map((li) => li.textContent)";

#[tokio::test]
async fn events_of_a_newer_kind_are_lines_in_their_place() {
    let server = Server::start().await;
    writes(&server, "bob", ["before".to_owned()]).await;
    browse(async |browser| {
        browser.enters(&page(&server, false), "alice").await;
        browser.sees("before").await;
        browser.value("window.wrong = []; addEventListener('error', (e) => wrong.push(e.message)); addEventListener('unhandledrejection', (e) => wrong.push(String(e.reason)))").await;
        let (address, dir) = server.stop().await;
        let path = dir.path().join("chat.db");
        let mut conn = SqliteConnection::establish(path.to_str().unwrap()).unwrap();
        conn.batch_execute(
            "INSERT INTO events (room_id, seq, at, by_user, kind, text, target)
                 SELECT room_id, 2, at, by_user, 'poll<b>', 'tea?', 1 FROM events WHERE seq = 1;
             INSERT INTO events (room_id, seq, at, by_user, kind, detail)
                 SELECT room_id, 3, at, by_user, 'member', '{\"user\":' || by_user || ',\"change\":\"knighted\"}'
                 FROM events WHERE seq = 1;
             INSERT INTO events (room_id, seq, at, by_user, kind, detail)
                 SELECT room_id, 4, at, by_user, 'member', 'no JSON' FROM events WHERE seq = 1;",
        )
        .unwrap();
        drop(conn);
        let server = Server::on(address, dir, |_| {}).await;
        writes(&server, "carol", ["after".to_owned()]).await;
        browser.sees("after").await;
        let told = ["a newer kind of event (poll<b>)", "bob: knighted bob", "a newer kind of event (member)"];
        assert_eq!(browser.value(TOLD).await, json!(told));
        assert_eq!(browser.value("return window.wrong").await, json!([]), "nothing throws");
    })
    .await;
}

#[tokio::test]
async fn unknown_kinds_of_rooms_and_people_are_their_text() {
    let server = Server::start().await;
    browse(async |browser| {
        browser.enters(&page(&server, false), "alice").await;
        browser.says("/create dev").await;
        let in_dev = "return document.getElementById('room-name').textContent === '#dev'";
        browser.until("dev is there", in_dev).await;
        let (address, dir) = server.stop().await;
        let path = dir.path().join("chat.db");
        let mut conn = SqliteConnection::establish(path.to_str().unwrap()).unwrap();
        conn.batch_execute(
            "PRAGMA ignore_check_constraints = ON;
             UPDATE rooms SET kind = 'broad<b>cast' WHERE name = 'dev';
             UPDATE members SET role = 'speaker';
             UPDATE users SET kind = 'agent';",
        )
        .unwrap();
        drop(conn);
        let _server = Server::on(address, dir, |_| {}).await;
        let kind = "return document.getElementById('room-kind').textContent === 'broad<b>cast' && !document.getElementById('room-kind').hidden";
        browser.until("the kind is told", kind).await;
        browser.until("and who one is", "return document.getElementById('me').textContent === 'alice, agent'").await;
        browser.says("still here").await;
        browser.sees("still here").await;
    })
    .await;
}

/// Frames are injected into the page's socket, as if the server had sent them.
#[tokio::test]
async fn no_odd_frame_makes_the_page_throw_or_come_back() {
    let server = Server::start().await;
    writes(&server, "bob", ["before".to_owned()]).await;
    // A relay between the page and the server adds frames. The page cannot tell.
    let between = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = between.local_addr().unwrap().port();
    let behind = server.address;
    let said = tokio::spawn(async move {
        let mut connections = 0;
        loop {
            let (stream, _) = between.accept().await.unwrap();
            let mut start = [0; 64];
            let read = stream.peek(&mut start).await.unwrap();
            if !start[..read].starts_with(b"GET /ws") {
                tokio::spawn(requests(stream, port, behind));
                continue;
            }
            connections += 1;
            assert_eq!(connections, 1, "the page stays connected");
            tokio::spawn(relay(stream, behind));
        }
    });
    browse(async |browser| {
        browser.enters(&format!("http://127.0.0.1:{port}/chat/"), "alice").await;
        browser.value("window.wrong = []; addEventListener('error', (e) => wrong.push(e.message)); addEventListener('unhandledrejection', (e) => wrong.push(String(e.reason)))").await;
        writes(&server, "carol", ["go".to_owned()]).await;
        browser.sees("the end").await;
        let told: Vec<String> = serde_json::from_value(browser.value(TOLD).await).unwrap();
        assert_eq!(told.iter().filter(|line| line.starts_with("a newer kind of event (")).count(), ODD.len(), "{told:?}");
        assert_eq!(browser.value("return window.wrong").await, json!([]), "nothing throws");
    })
    .await;
    assert!(!said.is_finished(), "one connection was enough");
}

/// Frames with a room and a seq whose fields do not fit their type.
const ODD: [&str; 10] = [
    r#"{"type":"poll","at":1795412171080,"by":{"id":9,"name":"bob"},"target":1}"#,
    r#"{"type":"constructor"}"#,
    r#"{"type":"message","by":null,"text":7}"#,
    r#"{"type":"message","at":1795412171080,"by":{"id":9,"name":"bob"},"files":[null]}"#,
    r#"{"type":"message","at":"noon","by":{"id":9,"name":"bob"},"text":"hi"}"#,
    r#"{"type":"member","at":1795412171080,"by":{"id":9,"name":"bob"}}"#,
    r#"{"type":"topic","at":1795412171080,"by":{"id":9,"name":"bob"},"topic":{}}"#,
    r#"{"type":"edited","at":1795412171080,"by":{"id":9,"name":"bob"},"target":1}"#,
    r#"{"type":"reacted","at":1795412171080,"by":{"id":9,"name":"bob"},"target":1}"#,
    r#"{"type":"<img src=x onerror=wrong.push(1)>","at":1e99}"#,
];

/// Passes requests on, as if the browser had sent them to the server itself.
async fn requests(stream: TcpStream, port: u16, behind: SocketAddr) {
    let mut server = TcpStream::connect(behind).await.unwrap();
    let ((mut from_page, mut to_page), (mut from_server, mut to_server)) =
        (stream.into_split(), server.split());
    let up = async {
        let mut bytes = vec![0; 65536];
        while let Ok(read @ 1..) = from_page.read(&mut bytes).await {
            let request = String::from_utf8_lossy(&bytes[..read])
                .replace(&format!(":{port}"), &format!(":{}", behind.port()));
            if to_server.write_all(request.as_bytes()).await.is_err() {
                break;
            }
        }
    };
    let down = tokio::io::copy(&mut from_server, &mut to_page);
    let _ = tokio::join!(up, down);
}

/// Passes frames on in both directions. After bob's "go", adds the odd frames and a last one.
async fn relay(stream: TcpStream, behind: SocketAddr) {
    let page = tokio_tungstenite::accept_async(stream).await.unwrap();
    let server = TcpStream::connect(behind).await.unwrap();
    let (server, _) = tokio_tungstenite::client_async(format!("ws://{behind}/ws"), server).await.unwrap();
    let ((mut to_page, mut from_page), (mut to_server, mut from_server)) = (page.split(), server.split());
    let up = async {
        while let Some(Ok(message)) = from_page.next().await {
            let mut frame: Value =
                serde_json::from_str(message.to_text().unwrap_or_default()).unwrap_or_default();
            if frame["type"] == "hello" {
                // The session cookie stays with the page's own upgrade.
                frame["name"] = json!("alice2");
            }
            if frame.is_object() && to_server.send(Message::text(frame.to_string())).await.is_err() {
                break;
            }
        }
    };
    let down = async {
        while let Some(Ok(message)) = from_server.next().await {
            let Ok(text) = message.to_text().map(str::to_owned) else { continue };
            let frame: Value = serde_json::from_str(&text).unwrap_or_default();
            to_page.send(Message::text(text)).await.unwrap();
            if frame["text"] != "go" {
                continue;
            }
            let mut seq = frame["seq"].as_u64().unwrap();
            let by = json!({"id": 9, "name": "bob"});
            for json in ODD {
                seq += 1;
                let mut odd: Value = serde_json::from_str(json).unwrap();
                (odd["room"], odd["seq"]) = (json!("general"), json!(seq));
                to_page.send(Message::text(odd.to_string())).await.unwrap();
            }
            for odd in [
                json!({"type": "weather", "room": "general"}),
                json!({"type": "typing", "room": "general", "user": null}),
                json!({"type": "presence", "room": "general", "online": 3}),
                json!({"type": "alert", "room": "general", "seq": seq + 1, "word": "x", "alerts": 1}),
                json!([]),
                json!(7),
                json!(null),
                json!({"type": "message", "room": "general", "seq": seq + 1, "at": 1_795_412_171_080_i64, "by": by, "text": "the end"}),
            ] {
                to_page.send(Message::text(odd.to_string())).await.unwrap();
            }
        }
    };
    tokio::join!(up, down);
}
