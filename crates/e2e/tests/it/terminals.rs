//! Terminal clients in tmux.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use testbed::{PATIENCE, Server};

use crate::support::{outside, program};

/// tmux with its own socket, ended when dropped.
struct Tmux {
    socket: String,
}

impl Tmux {
    fn run(&self, args: &[&str]) -> String {
        let mut command = Command::new("tmux");
        command
            .args(["-L", &self.socket, "-f", "/dev/null"])
            .args(args)
            .stdout(Stdio::piped())
            .stderr(Stdio::null());
        let output = outside(&mut command, "tmux").wait_with_output().unwrap();
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    async fn shows(&self, window: &str, text: &str) -> String {
        let began = Instant::now();
        loop {
            let screen = self.run(&["capture-pane", "-p", "-t", window]);
            if screen.contains(text) {
                return screen;
            }
            assert!(began.elapsed() < PATIENCE, "{text:?} is not in {window}:\n{screen}");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
}

impl Drop for Tmux {
    fn drop(&mut self) {
        self.run(&["kill-server"]);
    }
}

/// Two clients in tmux, at the two sizes that the screens are designed for.
#[tokio::test]
async fn two_clients_talk_in_tmux_at_both_sizes() {
    let server = Server::start().await;
    let tmux = Tmux { socket: format!("chat-e2e-{}", std::process::id()) };
    let client = program("chat-tui").display().to_string();
    for (name, width, height) in [("alice", "80", "24"), ("bob", "140", "40")] {
        let state = server.dir.path().join(name).display().to_string();
        let command = format!("{client} --name {name} --server {} --state-dir {state}", server.url());
        tmux.run(&["new-session", "-d", "-s", name, "-x", width, "-y", height, &command]);
        tmux.shows(name, "live").await;
    }
    tmux.run(&["send-keys", "-t", "alice", "hello 日本 🇫🇷 from alice", "Enter"]);
    tmux.shows("bob", "hello 日本 🇫🇷 from alice").await;
    tmux.run(&["send-keys", "-t", "bob", "hello yourself", "Enter"]);
    let screen = tmux.shows("alice", "hello yourself").await;
    assert!(screen.contains("#general") && screen.contains("alice (you)"), "{screen}");
    tmux.run(&["resize-window", "-t", "alice", "-x", "44", "-y", "12"]);
    let narrow = tmux.shows("alice", "2 online").await;
    assert!(
        narrow.contains("hello yourself") && narrow.lines().all(|line| line.chars().count() <= 44),
        "{narrow}"
    );
}
