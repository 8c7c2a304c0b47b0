//! The program in a pseudo terminal, its screen read as a terminal would draw it.

use std::io::{Read, Write};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};

use crate::server::Server;

const PATIENCE: Duration = Duration::from_secs(20);

struct Terminal {
    screen: Arc<Mutex<vt100::Parser>>,
    raw: Arc<Mutex<Vec<u8>>>,
    keys: Box<dyn Write + Send>,
    child: Box<dyn Child + Send + Sync>,
    master: Box<dyn MasterPty + Send>,
}

fn size(cols: u16, rows: u16) -> PtySize {
    PtySize { rows, cols, pixel_width: 0, pixel_height: 0 }
}

impl Terminal {
    fn start(args: &[String]) -> Self {
        let pair = native_pty_system().openpty(size(80, 24)).unwrap();
        let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_chat-tui"));
        command.args(args);
        command.env("TERM", "xterm-256color");
        command.env("TZ", "UTC");
        let child = pair.slave.spawn_command(command).unwrap();
        let screen =
            Arc::new(Mutex::new(vt100::Parser::new(24.try_into().unwrap(), 80.try_into().unwrap(), 0)));
        let raw = Arc::new(Mutex::new(Vec::new()));
        let (mut output, drawn, kept) =
            (pair.master.try_clone_reader().unwrap(), screen.clone(), raw.clone());
        std::thread::spawn(move || {
            let mut bytes = [0; 4096];
            while let Ok(n @ 1..) = output.read(&mut bytes) {
                drawn.lock().unwrap().process(&bytes[..n]);
                kept.lock().unwrap().extend_from_slice(&bytes[..n]);
            }
        });
        Self { screen, raw, keys: pair.master.take_writer().unwrap(), child, master: pair.master }
    }

    fn types(&mut self, keys: &str) {
        self.keys.write_all(keys.as_bytes()).unwrap();
        self.keys.flush().unwrap();
    }

    fn contents(&self) -> String {
        self.screen.lock().unwrap().screen().contents()
    }

    async fn shows(&self, text: &str) {
        let began = Instant::now();
        while !self.contents().contains(text) {
            assert!(began.elapsed() < PATIENCE, "{text:?} is not on the screen:\n{}", self.contents());
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    fn resize(&self, cols: u16, rows: u16) {
        self.master.resize(size(cols, rows)).unwrap();
        self.screen.lock().unwrap().screen_mut().set_size(rows.try_into().unwrap(), cols.try_into().unwrap());
    }

    /// The exit code, once it has one.
    async fn ends(&mut self) -> u32 {
        let began = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status.exit_code();
            }
            assert!(began.elapsed() < PATIENCE, "it does not end:\n{}", self.contents());
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    fn is_restored(&self) -> bool {
        let raw = self.raw.lock().unwrap();
        let has = |code: &str| raw.windows(code.len()).any(|w| w == code.as_bytes());
        // Out of the alternate screen, paste and focus reports off, cursor on.
        ["\x1b[?1049l", "\x1b[?2004l", "\x1b[?1004l", "\x1b[?25h"].iter().all(|code| has(code))
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[tokio::test]
async fn two_terminals_talk_across_a_restart_and_a_resize() {
    let server = Server::start().await;
    let (mut alice, mut bob) = (Terminal::start(&server.args("alice")), Terminal::start(&server.args("bob")));
    alice.shows("● live").await;
    bob.shows("● live").await;
    alice.types("hello bob 日本 👨‍👩‍👧\r");
    bob.shows("hello bob 日本").await;
    bob.types("hello alice\r");
    alice.shows("hello alice").await;
    let (address, dir) = server.stop().await;
    alice.shows("○ offline").await;
    alice.types("are you still there?\r");
    alice.shows("1 message waiting").await;
    let server = Server::on(address, dir, false).await;
    bob.shows("are you still there?").await;
    alice.shows("● live").await;
    alice.resize(50, 12);
    bob.types("yes, in a smaller window\r");
    alice.shows("window").await;
    alice.shows("yes, in a").await;
    // Who is online is told within a second.
    alice.shows("2 online").await;
    alice.resize(120, 40);
    alice.shows("Online 2").await;
    for text in ["hello bob", "hello alice", "are you still there?", "yes, in a smaller window"] {
        assert_eq!(alice.contents().matches(text).count(), 1, "{text} is there once:\n{}", alice.contents());
    }
    alice.types("/quit\r");
    assert_eq!(alice.ends().await, 0);
    assert!(alice.is_restored());
    drop(server);
}

#[tokio::test]
async fn a_taken_name_is_asked_for_again_and_the_token_brings_one_back() {
    let server = Server::start().await;
    let mut first = Terminal::start(&server.args("alice"));
    first.shows("● live").await;
    // Another folder, so another person.
    let mut args = server.args("thief");
    args[1] = "alice".to_owned();
    let mut second = Terminal::start(&args);
    second.shows("Who are you?").await;
    second.types("bob\r");
    second.shows("● live  bob").await;
    first.types("\x03\x03");
    assert_eq!(first.ends().await, 0);
    let again = Terminal::start(&server.args("alice"));
    again.shows("● live  alice").await;
}

#[tokio::test]
async fn a_message_typed_while_there_is_no_server_survives_the_program() {
    let server = Server::start().await;
    let args = server.args("alice");
    let mut alice = Terminal::start(&args);
    alice.shows("● live").await;
    let (address, dir) = server.stop().await;
    alice.shows("○ offline").await;
    alice.types("kept on disk\r");
    alice.shows("1 message waiting").await;
    alice.types("/quit\r");
    alice.ends().await;
    let _server = Server::on(address, dir, false).await;
    let again = Terminal::start(&args);
    again.shows("kept on disk").await;
    again.shows("● live").await;
    let began = Instant::now();
    while again.contents().contains("waiting") {
        assert!(began.elapsed() < PATIENCE);
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

#[tokio::test]
async fn signals_leave_a_sane_terminal() {
    let server = Server::start().await;
    for signal in [rustix::process::Signal::TERM, rustix::process::Signal::HUP, rustix::process::Signal::INT]
    {
        let mut alice = Terminal::start(&server.args("alice"));
        alice.shows("● live").await;
        let pid =
            rustix::process::Pid::from_raw(alice.child.process_id().unwrap().try_into().unwrap()).unwrap();
        rustix::process::kill_process(pid, signal).unwrap();
        alice.ends().await;
        assert!(alice.is_restored(), "{signal:?}");
    }
}

#[tokio::test]
async fn idle_means_nothing_is_drawn() {
    let server = Server::start().await;
    let mut alice = Terminal::start(&server.args("alice"));
    alice.shows("Online 1").await;
    alice.types("x");
    alice.shows("> x").await;
    // Past the presence of one's own arrival and the read mark.
    tokio::time::sleep(Duration::from_millis(2500)).await;
    let before = alice.raw.lock().unwrap().len();
    tokio::time::sleep(Duration::from_secs(3)).await;
    assert_eq!(alice.raw.lock().unwrap().len(), before);
}
