//! A program in a pseudo-terminal. Its screen is read as a terminal would draw it.

use std::io::{Read, Write};
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};

use crate::PATIENCE;

/// How often the screen is checked while waiting.
const LOOK: Duration = Duration::from_millis(10);

/// A program in a pseudo-terminal. It is killed when this is dropped.
pub struct Terminal {
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
    /// Starts a program on a screen of 80 by 24.
    pub fn start(program: impl AsRef<Path>, args: &[String]) -> Self {
        let pair = native_pty_system().openpty(size(80, 24)).unwrap();
        let mut command = CommandBuilder::new(program.as_ref());
        command.args(args);
        command.env("TERM", "xterm-256color");
        command.env("TZ", "UTC");
        let child = pair.slave.spawn_command(command).unwrap();
        let parser = vt100::Parser::new(24.try_into().unwrap(), 80.try_into().unwrap(), 0);
        let (screen, raw) = (Arc::new(Mutex::new(parser)), Arc::new(Mutex::new(Vec::new())));
        let (mut output, drawn, kept) =
            (pair.master.try_clone_reader().unwrap(), screen.clone(), raw.clone());
        std::thread::spawn(move || {
            let mut bytes = [0; 4096];
            while let Ok(n @ 1..) = output.read(&mut bytes) {
                // Bytes are stored before they are drawn, so that a test that sees a text also finds its bytes.
                kept.lock().unwrap().extend_from_slice(&bytes[..n]);
                drawn.lock().unwrap().process(&bytes[..n]);
            }
        });
        Self { screen, raw, keys: pair.master.take_writer().unwrap(), child, master: pair.master }
    }

    /// Presses keys.
    pub fn types(&mut self, keys: &str) {
        self.keys.write_all(keys.as_bytes()).unwrap();
        self.keys.flush().unwrap();
    }

    /// Returns what is on the screen.
    pub fn contents(&self) -> String {
        self.screen.lock().unwrap().screen().contents()
    }

    /// Returns every byte that was written to the terminal.
    pub fn raw(&self) -> Vec<u8> {
        self.raw.lock().unwrap().clone()
    }

    /// Waits until a text is on the screen.
    pub async fn shows(&self, text: &str) {
        self.until(text, |screen| screen.contains(text)).await;
    }

    /// Waits until a text is no longer on the screen.
    pub async fn hides(&self, text: &str) {
        self.until(text, |screen| !screen.contains(text)).await;
    }

    /// Waits until `done` returns true for the screen. `text` describes it if that fails.
    pub async fn until(&self, text: &str, done: impl Fn(&str) -> bool) {
        let began = Instant::now();
        while !done(&self.contents()) {
            assert!(began.elapsed() < PATIENCE, "waited in vain for {text:?}:\n{}", self.contents());
            tokio::time::sleep(LOOK).await;
        }
    }

    /// Changes the size of the screen.
    pub fn resize(&self, cols: u16, rows: u16) {
        self.master.resize(size(cols, rows)).unwrap();
        let mut screen = self.screen.lock().unwrap();
        screen.screen_mut().set_size(rows.try_into().unwrap(), cols.try_into().unwrap());
    }

    /// Returns the program's process id.
    pub fn id(&self) -> u32 {
        self.child.process_id().unwrap()
    }

    /// Waits until the program ends, and returns its exit code.
    pub async fn ends(&mut self) -> u32 {
        let began = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status.exit_code();
            }
            assert!(began.elapsed() < PATIENCE, "it does not end:\n{}", self.contents());
            tokio::time::sleep(LOOK).await;
        }
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
