//! Time that a test controls.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use chat_server::Config;
use chat_server::clock::Clock;

/// A wall clock that can be set, and a steady clock that only advances.
#[derive(Clone)]
pub struct Time {
    wall: Arc<AtomicI64>,
    steady: Arc<AtomicI64>,
}

impl Time {
    /// The start of every test, in Unix milliseconds.
    pub const START: i64 = 1_800_000_000_000;

    pub fn new() -> Self {
        Self { wall: Arc::new(AtomicI64::new(Self::START)), steady: Arc::default() }
    }

    /// Gives a server this time, and makes its janitor run this often.
    pub fn configure(&self, config: &mut Config, tidy_every: Duration) {
        let (wall, steady) = (self.wall.clone(), self.steady.clone());
        config.clock =
            Clock::with_steady(move || wall.load(Ordering::SeqCst), move || steady.load(Ordering::SeqCst));
        config.tidy_every = tidy_every;
    }

    /// Returns the wall clock's time.
    pub fn wall(&self) -> i64 {
        self.wall.load(Ordering::SeqCst)
    }

    /// Sets the wall clock to another time.
    pub fn jump(&self, ms: i64) {
        self.wall.fetch_add(ms, Ordering::SeqCst);
    }

    /// Lets time pass on both clocks.
    pub fn pass(&self, ms: i64) {
        self.jump(ms);
        self.steady.fetch_add(ms, Ordering::SeqCst);
    }
}
