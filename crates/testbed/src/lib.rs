//! What the tests of several crates start and stop. For tests only: what goes wrong here panics.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod server;
mod terminal;

use std::time::Duration;

pub use server::Server;
pub use terminal::Terminal;

/// How long anything may take that is expected to happen.
pub const PATIENCE: Duration = Duration::from_secs(20);
