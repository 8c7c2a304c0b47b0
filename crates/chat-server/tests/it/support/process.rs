//! The server's program, as a separate process and as its operator runs it.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use testbed::Server;

/// A server in a separate process, killed when dropped.
pub struct Process {
    pub address: SocketAddr,
    child: Child,
}

impl Process {
    pub fn start(dir: &Path) -> Self {
        Self::spawn(Self::command(dir))
    }

    /// Returns the command that starts it, to which options can be added.
    pub fn command(dir: &Path) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_chat-server"));
        command.args(["--listen", "127.0.0.1:0", "--rate-limit", "off", "--data-dir"]).arg(dir);
        command
    }

    pub fn spawn(mut command: Command) -> Self {
        command.stderr(Stdio::null());
        Self::spawn_loud(command)
    }

    /// Starts it with its log where `command` says.
    pub fn spawn_loud(mut command: Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let address =
            line.split("http://").nth(1).and_then(|rest| rest.split('/').next()).expect("the server starts");
        Self { address: address.parse().unwrap(), child }
    }

    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Sends SIGKILL.
    pub fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Sends SIGTERM and returns the exit code.
    pub async fn terminate(mut self) -> Option<i32> {
        let pid = rustix::process::Pid::from_child(&self.child);
        rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
        tokio::task::spawn_blocking(move || self.child.wait().unwrap().code()).await.unwrap()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Runs `chat-server …` beside the running server.
pub async fn operate(server: &Server, args: &[&str]) -> std::process::Output {
    operate_with(server, args, "").await
}

/// Like [`operate`], with standard input.
pub async fn operate_with(server: &Server, args: &[&str], input: &str) -> std::process::Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_chat-server"));
    command.args(args).arg("--data-dir").arg(server.dir.path());
    run(command, input.to_owned()).await
}

/// Runs a program to its end.
pub async fn run(mut command: Command, input: String) -> std::process::Output {
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let ran = tokio::task::spawn_blocking(move || {
        use std::io::Write;
        let mut child = command.spawn().unwrap();
        child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
        child.wait_with_output().unwrap()
    });
    ran.await.unwrap()
}
