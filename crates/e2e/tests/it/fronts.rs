//! Proxies that answer instead of the server, and slow links.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use serde_json::json;
use testbed::Server;
use testbed::proxy::{Proxy, Way};
use thirtyfour::prelude::*;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::support::{Person, browse, writes};

/// A reverse proxy that answers some requests itself, depending on how the request begins.
struct Front {
    address: SocketAddr,
    answers: Arc<Mutex<Vec<(&'static str, String)>>>,
}

impl Front {
    async fn start(behind: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let answers = Arc::new(Mutex::new(Vec::new()));
        let own = answers.clone();
        tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                tokio::spawn(pass(stream, behind, own.clone()));
            }
        });
        Self { address, answers }
    }

    fn answers(&self, request: &'static str, status: &str) {
        let body = "<html><h1>not the chat server</h1></html>";
        let answer = format!(
            "HTTP/1.1 {status}\r\nContent-Type: text/html\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
            body.len()
        );
        *self.answers.lock().unwrap() = vec![(request, answer)];
    }

    fn page(&self) -> String {
        format!("http://{}/chat/", self.address)
    }
}

async fn pass(mut page: TcpStream, behind: SocketAddr, answers: Arc<Mutex<Vec<(&'static str, String)>>>) {
    let Ok(mut server) = TcpStream::connect(behind).await else { return };
    let ((mut from_page, mut to_page), (mut from_server, mut to_server)) = (page.split(), server.split());
    let (mut up, mut down) = (vec![0; 65536], vec![0; 65536]);
    loop {
        tokio::select! {
            read = from_page.read(&mut up) => {
                let Ok(read @ 1..) = read else { return };
                let own = answers.lock().unwrap().iter().find(|(request, _)| up[..read].starts_with(request.as_bytes())).cloned();
                if let Some((_, answer)) = own {
                    let _ = to_page.write_all(answer.as_bytes()).await;
                    let _ = to_page.shutdown().await;
                    // Read the rest, or the response would be lost.
                    while let Ok(1..) = from_page.read(&mut up).await {}
                    return;
                }
                if to_server.write_all(&up[..read]).await.is_err() { return }
            }
            read = from_server.read(&mut down) => {
                let Ok(read @ 1..) = read else { return };
                if to_page.write_all(&down[..read]).await.is_err() { return }
            }
        }
    }
}

async fn says(page: &WebDriver, selector: &str, words: &str) {
    let script = format!(
        "return document.querySelector({})?.textContent.includes({}) === true",
        json!(selector),
        json!(words)
    );
    page.until(&format!("{selector} says {words:?}"), &script).await;
}

#[tokio::test]
async fn field_23_each_cause_has_its_own_words_at_an_upload_and_a_login() {
    let server = Server::start().await;
    let front = Front::start(server.address).await;
    let causes = [
        ("413 Request Entity Too Large", "client_max_body_size"),
        ("401 Unauthorized", "Log in again"),
        ("404 Not Found", "not the chat server"),
        ("408 Request Timeout", "408"),
        ("421 Misdirected Request", "--public-url"),
        ("429 Too Many Requests", "too many requests"),
        ("502 Bad Gateway", "cannot reach it (502)"),
        ("503 Service Unavailable", "cannot reach it (503)"),
        ("504 Gateway Timeout", "longer to answer"),
        ("200 OK", "not the chat server"),
    ];
    browse(async |page| {
        for (status, words) in causes {
            front.answers("POST /api/guest", status);
            page.goto(&front.page()).await.unwrap();
            page.until("the login is there", "return !document.getElementById('login').hidden").await;
            page.find(By::Id("login-name")).await.unwrap().send_keys("alice".to_owned() + Key::Enter).await.unwrap();
            says(&page, "#login-error", words).await;
        }
        front.answers("no request", "200 OK");
        page.enters(&front.page(), "alice").await;
        for (status, words) in causes {
            front.answers("POST /api/files", status);
            let drop = "const transfer = new DataTransfer(); transfer.items.add(new File(['some content'], 'a.txt')); const input = document.getElementById('file-input'); input.files = transfer.files; input.dispatchEvent(new Event('change'))";
            page.value(drop).await;
            says(&page, "#attachments .failed .told-of", words).await;
            page.value("document.querySelector('#attachments [data-remove]').click()").await;
        }
    })
    .await;
}

#[tokio::test]
async fn each_cause_of_no_connection_is_told_as_itself() {
    let server = Server::start().await;
    let front = Front::start(server.address).await;
    browse(async |page| {
        page.enters(&front.page(), "alice").await;
        page.goto("about:blank").await.unwrap();
        for (request, status, words) in [
            ("GET /ws", "400 Bad Request", "lets no WebSocket through"),
            ("GET /", "502 Bad Gateway", "cannot reach it (502)"),
            ("GET /", "421 Misdirected Request", "--public-url"),
            ("GET /", "401 Unauthorized", "its own login"),
        ] {
            front.answers("no request", status);
            page.goto(&front.page()).await.unwrap();
            page.until(
                "it is there",
                "return document.getElementById('room-name').textContent === '#general'",
            )
            .await;
            front.answers(request, status);
            // The socket breaks, and the next requests meet the proxy.
            cut(&page).await;
            says(&page, "#banner", words).await;
        }
    })
    .await;
}

/// Ends the page's socket when it next sends something.
async fn cut(page: &WebDriver) {
    let script = "const real = WebSocket.prototype.send; WebSocket.prototype.send = function (text) { WebSocket.prototype.send = real; this.close(); real.call(this, text); }; document.getElementById('composer-text').value = 'x'; document.getElementById('composer-text').dispatchEvent(new Event('input'))";
    page.value(script).await;
}

#[tokio::test]
async fn field_05_a_slow_line_reads_follows_and_is_named() {
    let server = Server::start().await;
    writes(&server, "bob", (0..150).map(|n| format!("{n:04} {}", "words ".repeat(640)))).await;
    let proxy = Proxy::start(server.address).await;
    browse(async |page| {
        // The page's files load before the link becomes slow.
        page.enters(&format!("http://{}/chat/", proxy.address), "alice").await;
        page.until("it is there", "return document.querySelectorAll('#messages .message').length > 0").await;
        // The proxy delays each piece, so a delay would make the link much slower than intended.
        let slow = || Way { rate: Some(6000), ..Way::default() };
        proxy.set(slow(), slow());
        let breaks = "window.offline = 0; new MutationObserver(() => document.getElementById('banner').textContent.startsWith('Offline') && window.offline++).observe(document.getElementById('banner'), { childList: true, subtree: true, characterData: true })";
        page.value(breaks).await;
        // Scrolls back through all of it, a page at a time.
        let began = Instant::now();
        let held = "return document.querySelectorAll('#messages .message').length";
        let first = page.value(held).await.as_u64().unwrap();
        while page.value(held).await.as_u64().unwrap() < first + 15 {
            assert!(began.elapsed() < Duration::from_secs(120), "{first} and {:?}", page.value(held).await);
            page.value("document.getElementById('timeline').scrollTop = 0").await;
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
        writes(&server, "carol", ["live over the slow line".to_owned()]).await;
        let said = "return document.getElementById('log').textContent.includes('live over the slow line')";
        let began = Instant::now();
        while page.value(said).await != json!(true) {
            assert!(began.elapsed() < Duration::from_secs(120), "it follows");
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
        assert_eq!(page.value("return window.offline").await, 0, "it was never given up");
        // Nothing arrives any more. Within seconds, the page says so.
        proxy.set(Way::default(), Way { is_stalled: true, ..Way::default() });
        page.says("into the void").await;
        says(&page, "#banner", "No answer from the server for").await;
        proxy.set(Way::default(), Way::default());
        page.until("it is over", "return !document.getElementById('banner').classList.contains('shown')").await;
        page.until("and sent", "return !document.querySelector('.pending')").await;
    })
    .await;
}
