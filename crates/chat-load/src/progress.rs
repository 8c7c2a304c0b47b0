//! The progress line.

use std::io::{IsTerminal, Write};
use std::time::{Duration, Instant};

/// How often it is updated on a terminal, and how often a new one is written elsewhere.
const ON_TERMINAL: Duration = Duration::from_millis(500);
const ELSEWHERE: Duration = Duration::from_secs(10);

pub(crate) struct Progress {
    what: String,
    every: Duration,
    told: Instant,
    deliveries: u64,
}

impl Progress {
    pub(crate) fn new(what: &str) -> Self {
        let every = if std::io::stderr().is_terminal() { ON_TERMINAL } else { ELSEWHERE };
        Self { what: what.to_owned(), every, told: Instant::now(), deliveries: 0 }
    }

    /// Starts a new task.
    pub(crate) fn about(&mut self, what: &str) {
        what.clone_into(&mut self.what);
    }

    /// Shows the progress, if an update is due.
    pub(crate) fn tick(&mut self, deliveries: u64, acknowledged: u64) {
        let since = self.told.elapsed();
        if since < self.every {
            return;
        }
        let rate = deliveries.saturating_sub(self.deliveries) as f64 / since.as_secs_f64();
        let line =
            format!("{}: {deliveries} deliveries ({rate:.0}/s), {acknowledged} acknowledged", self.what);
        let mut err = std::io::stderr();
        // If nobody reads it, the program continues.
        let _ = if err.is_terminal() { write!(err, "\r\x1b[K{line}\r") } else { writeln!(err, "{line}") };
        (self.told, self.deliveries) = (Instant::now(), deliveries);
    }
}
