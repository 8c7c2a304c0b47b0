use std::io::{Read, Write};
use std::sync::{Arc, Mutex};
use std::time::Instant;

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};
use thirtyfour::prelude::*;

use crate::support::{PATIENCE, Person, Server, browse, program};

/// The terminal client in a pseudo terminal.
struct Terminal {
    screen: Arc<Mutex<vt100::Parser>>,
    keys: Box<dyn Write + Send>,
    child: Box<dyn Child + Send + Sync>,
    _master: Box<dyn MasterPty + Send>,
}

impl Terminal {
    fn start(server: &Server, name: &str) -> Self {
        let size = PtySize { rows: 24, cols: 80, pixel_width: 0, pixel_height: 0 };
        let pair = native_pty_system().openpty(size).unwrap();
        let mut command = CommandBuilder::new(program("chat-tui"));
        let state = server.dir.path().join(format!("state-{name}"));
        command.args(["--name", name, "--server", &server.url(), "--state-dir", state.to_str().unwrap()]);
        command.env("TERM", "xterm-256color");
        let child = pair.slave.spawn_command(command).unwrap();
        let screen =
            Arc::new(Mutex::new(vt100::Parser::new(24.try_into().unwrap(), 80.try_into().unwrap(), 0)));
        let (mut output, drawn) = (pair.master.try_clone_reader().unwrap(), screen.clone());
        std::thread::spawn(move || {
            let mut bytes = [0; 4096];
            while let Ok(n @ 1..) = output.read(&mut bytes) {
                drawn.lock().unwrap().process(&bytes[..n]);
            }
        });
        Self { screen, keys: pair.master.take_writer().unwrap(), child, _master: pair.master }
    }

    fn types(&mut self, keys: &str) {
        self.keys.write_all(keys.as_bytes()).unwrap();
        self.keys.flush().unwrap();
    }

    async fn shows(&self, text: &str) {
        let began = Instant::now();
        loop {
            let contents = self.screen.lock().unwrap().screen().contents();
            if contents.contains(text) {
                return;
            }
            assert!(began.elapsed() < PATIENCE, "{text:?} is not on the screen:\n{contents}");
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[tokio::test]
async fn two_tabs_and_a_terminal_are_in_one_conversation() {
    let server = Server::start().await;
    let mut carol = Terminal::start(&server, "carol");
    carol.shows("live").await;
    browse(async |browser| {
        browser.enters(&server.page(false), "alice").await;
        let first = browser.window().await.unwrap();
        let second = browser.new_tab().await.unwrap();
        browser.switch_to_window(second.clone()).await.unwrap();
        browser.enters(&server.page(true), "bob").await;
        browser.says("bob here").await;
        browser.sees("bob here").await;
        carol.shows("bob here").await;
        carol.types("carol here ❤️\r");
        browser.sees("carol here ❤️").await;
        browser.switch_to_window(first).await.unwrap();
        browser.sees("bob here").await;
        browser.sees("carol here ❤️").await;
        browser.says("alice here").await;
        browser.sees("alice here").await;
        carol.shows("alice here").await;
        let all = ["bob here", "carol here ❤️", "alice here"];
        assert_eq!(browser.texts().await, all);
        carol.types("typ");
        browser
            .until(
                "typing is shown",
                "return document.getElementById('typing').textContent === 'carol is typing…'",
            )
            .await;
        browser
            .until("three are online", "return document.getElementById('people-count').textContent === '3'")
            .await;
        carol.shows("Online 3").await;
        browser.switch_to_window(second).await.unwrap();
        browser.sees("alice here").await;
        assert_eq!(browser.texts().await, all, "the same order for everyone");
        browser.find(By::Id("composer-text")).await.unwrap().send_keys("hm").await.unwrap();
        carol.shows("bob is typing").await;
    })
    .await;
}
