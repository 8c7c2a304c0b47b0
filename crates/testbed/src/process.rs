//! A server in a separate process.

use std::io::{BufRead, BufReader, Read};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};

use crate::faults::Faults;

/// A server process. It is killed when this is dropped.
pub struct Process {
    /// The address that it listens on.
    pub address: SocketAddr,
    child: Child,
    _stdout: BufReader<ChildStdout>,
}

impl Process {
    /// Starts `binary` on the folder `data`, and waits until it listens.
    ///
    /// # Errors
    /// Its output, if it ended before.
    pub fn start(binary: &Path, data: &Path, faults: Option<&Faults>) -> Result<Self, String> {
        let mut command = Command::new(binary);
        command.args(["--listen", "127.0.0.1:0", "--rate-limit", "off", "--log-level", "warn", "--data-dir"]);
        command.arg(data).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        if let Some(faults) = faults {
            faults.apply(&mut command);
        }
        let mut child = command.spawn().unwrap();
        let mut stderr = child.stderr.take().unwrap();
        let said = std::thread::spawn(move || {
            let mut said = Vec::new();
            let _ = stderr.read_to_end(&mut said);
            String::from_utf8_lossy(&said).into_owned()
        });
        let (mut line, mut stdout) = (String::new(), BufReader::new(child.stdout.take().unwrap()));
        stdout.read_line(&mut line).unwrap();
        let address = line.split("http://").nth(1).and_then(|rest| rest.split('/').next()?.parse().ok());
        match address {
            Some(address) => Ok(Self { address, child, _stdout: stdout }),
            None => {
                let status = child.wait().unwrap();
                Err(format!("{status}: {}", said.join().unwrap().trim()))
            }
        }
    }

    /// Sends SIGKILL.
    pub fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Sends SIGTERM, and returns the exit code, or `None` if a fault killed it.
    pub fn terminate(mut self) -> Option<i32> {
        let pid = rustix::process::Pid::from_child(&self.child);
        let _ = rustix::process::kill_process(pid, rustix::process::Signal::TERM);
        self.child.wait().unwrap().code()
    }

    /// Waits until it has ended by itself.
    pub fn wait(mut self) {
        self.child.wait().unwrap();
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
