//! What the tests of several crates start and stop. For tests only: a failure here panics.
//!
//! Modules in order; each imports only those before it: `chance`, [`faults`], `process`, `gate`, [`proxy`], `client`, `server`,
//! `terminal`, [`chaos`].

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod chance;
pub mod chaos;
mod client;
pub mod faults;
mod gate;
mod process;
pub mod proxy;
mod server;
mod terminal;

use std::time::Duration;

pub use chance::Chance;
pub use client::{Client, http};
pub use gate::Gate;
pub use process::Process;
pub use server::Server;
pub use terminal::Terminal;

/// How long something that is expected to happen may take.
pub const PATIENCE: Duration = Duration::from_secs(20);

/// Returns bytes that cannot be compressed, the same every time.
#[must_use]
pub fn noise(bytes: usize) -> Vec<u8> {
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 32) as u8
    };
    (0..bytes).map(|_| next()).collect()
}
