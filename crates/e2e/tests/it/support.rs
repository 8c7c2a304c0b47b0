//! A browser, and what a person does in it.

use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use futures_util::{FutureExt, SinkExt, StreamExt};
use serde_json::{Value, json};
use testbed::{PATIENCE, Server};
use thirtyfour::prelude::*;
use tokio_tungstenite::tungstenite::Message;

/// Returns the URL of a server's page, as one person or as another: two origins have separate storage.
pub fn page(server: &Server, other: bool) -> String {
    let host = if other { "localhost" } else { "127.0.0.1" };
    format!("http://{host}:{}/chat/", server.address.port())
}

/// Sends messages over a plain socket.
pub async fn writes(server: &Server, name: &str, texts: impl IntoIterator<Item = String>) {
    let (mut socket, _) =
        tokio_tungstenite::connect_async(format!("ws://{}/ws", server.address)).await.unwrap();
    let mut ask = async |frame: Value| {
        socket.send(Message::text(frame.to_string())).await.unwrap();
        loop {
            let text = socket.next().await.unwrap().unwrap().into_text().unwrap();
            let reply: Value = serde_json::from_str(&text).unwrap_or_default();
            if reply["id"] == frame["id"] {
                assert_ne!(reply["type"], "error", "{reply}");
                return;
            }
        }
    };
    ask(json!({"type": "hello", "id": 1, "protocol": 1, "name": name})).await;
    ask(json!({"type": "join", "id": 2, "room": "general"})).await;
    for (n, text) in (3..).zip(texts) {
        ask(
            json!({"type": "send", "id": n, "room": "general", "nonce": format!("{name}-{n}"), "text": text}),
        )
        .await;
    }
}

/// Returns the path of a program that this workspace built.
pub fn program(name: &str) -> PathBuf {
    let mut folder = std::env::current_exe().unwrap();
    folder.pop();
    folder.pop();
    let path = folder.join(name);
    if !path.exists() {
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let status = Command::new(cargo).args(["build", "--quiet", "--package", name]).status().unwrap();
        assert!(status.success(), "{name} does not build");
    }
    path
}

/// Starts a program that the tests need besides Rust.
pub fn outside(command: &mut Command, package: &str) -> Child {
    let name = command.get_program().to_string_lossy().into_owned();
    command.spawn().unwrap_or_else(|e| {
        panic!("{name} cannot be started ({e}): run `cargo xtask test`, or apt-get install {package}")
    })
}

/// Runs `story` with its own browser, which is always closed.
pub async fn browse<F: Future<Output = ()>>(story: impl FnOnce(WebDriver) -> F) {
    browse_with(json!({}), story).await;
}

/// Like [`browse`], with other browser preferences.
pub async fn browse_with<F: Future<Output = ()>>(prefs: Value, story: impl FnOnce(WebDriver) -> F) {
    // The workspace's reqwest has no default provider, and thirtyfour uses the same reqwest.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let mut driver = outside(
        Command::new("chromedriver").arg("--port=0").stdout(Stdio::piped()).stderr(Stdio::null()),
        "chromium chromium-driver",
    );
    let mut lines = BufReader::new(driver.stdout.take().unwrap()).lines().map_while(Result::ok);
    let port = lines.find_map(|line| {
        line.split("successfully on port ").nth(1).map(|rest| rest.trim_end_matches('.').to_owned())
    });
    std::thread::spawn(move || lines.for_each(drop));
    let profile = tempfile::tempdir().unwrap();
    let mut caps = DesiredCapabilities::chrome();
    caps.set_binary("/usr/bin/chromium").unwrap();
    for flag in [
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--disable-dev-shm-usage",
        "--window-size=1280,800",
    ] {
        caps.add_arg(flag).unwrap();
    }
    caps.add_arg(&format!("--user-data-dir={}", profile.path().display())).unwrap();
    caps.add_experimental_option("prefs", prefs).unwrap();
    let url = format!("http://127.0.0.1:{}", port.expect("chromedriver starts"));
    let browser = WebDriver::new(&url, caps).await.expect("chromium starts");
    let told = std::panic::AssertUnwindSafe(story(browser.clone())).catch_unwind().await;
    let _ = browser.quit().await;
    let _ = driver.kill();
    let _ = driver.wait();
    if let Err(panic) = told {
        std::panic::resume_unwind(panic);
    }
}

/// Opens the menu of the message with that text and presses a choice.
pub async fn chooses(page: &WebDriver, text: &str, choice: &str) {
    let script = format!(
        "[...document.querySelectorAll('#messages .message:not(.pending)')].find((li) => li.querySelector('.text').textContent === {}).querySelector('.more').click()",
        json!(text)
    );
    page.value(&script).await;
    page.until("the menu is open", "return !document.getElementById('menu').hidden").await;
    let script = format!(
        "[...document.querySelectorAll('#menu button')].find((b) => b.textContent === {}).click()",
        json!(choice)
    );
    page.value(&script).await;
}

/// What a person does on the page in the current tab.
pub trait Person {
    async fn enters(&self, url: &str, name: &str);
    async fn says(&self, text: &str);
    /// Returns the texts of the messages in the document, including pending ones.
    async fn texts(&self) -> Vec<String>;
    /// Waits until a script returns true.
    async fn until(&self, what: &str, script: &str);
    async fn sees(&self, text: &str);
    async fn value(&self, script: &str) -> Value;
}

impl Person for WebDriver {
    async fn enters(&self, url: &str, name: &str) {
        self.goto(url).await.unwrap();
        self.until("the login is there", "return !document.getElementById('login').hidden").await;
        let field = self.find(By::Id("login-name")).await.unwrap();
        field.clear().await.unwrap();
        field.send_keys(name.to_owned() + Key::Enter).await.unwrap();
        self.until(
            "the room is there",
            "return document.getElementById('room-name').textContent === '#general'",
        )
        .await;
    }

    async fn says(&self, text: &str) {
        let field = self.find(By::Id("composer-text")).await.unwrap();
        field.send_keys(text.to_owned() + Key::Enter).await.unwrap();
    }

    async fn texts(&self) -> Vec<String> {
        let script = "return [...document.querySelectorAll('#messages .message .text')].map((node) => node.textContent)";
        serde_json::from_value(self.value(script).await).unwrap()
    }

    async fn until(&self, what: &str, script: &str) {
        let began = Instant::now();
        while self.value(script).await != json!(true) {
            assert!(began.elapsed() < PATIENCE, "{what}; there is {:?}", self.texts().await);
            tokio::time::sleep(Duration::from_millis(30)).await;
        }
    }

    async fn sees(&self, text: &str) {
        let script = format!(
            "return [...document.querySelectorAll('#messages .message:not(.pending) .text')].some((node) => node.textContent === {})",
            json!(text)
        );
        self.until(&format!("{text:?} is seen"), &script).await;
    }

    async fn value(&self, script: &str) -> Value {
        self.execute(script, vec![]).await.unwrap().json().clone()
    }
}

/// Runs a script in every document before the page's own scripts, to make the browser behave like another.
pub async fn before_each(page: &WebDriver, script: &str) {
    let source = json!({ "source": script });
    page.cdp().send_raw("Page.addScriptToEvaluateOnNewDocument", source).await.unwrap();
}

/// Runs a test module's `run` with these arguments in the page, beside the page's own modules, and returns the
/// result.
pub async fn runs_module(page: &WebDriver, module: &str, arguments: &str) -> Value {
    // The page's policy blocks scripts that the server did not serve. The driver's own scripts are exempt.
    let body = module.replacen("export async function run", "async function run", 1);
    let script = format!(
        "const done = arguments[arguments.length - 1]; {body}\n run({arguments}).then((answer) => done(answer), (error) => done(`${{error}} ${{error.stack}}`))"
    );
    page.execute_async(&script, vec![]).await.unwrap().json().clone()
}
