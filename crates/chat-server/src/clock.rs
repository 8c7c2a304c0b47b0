//! The wall clock, passed in so that a test can set it. Order never depends on it: order is the seq.

use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use chat_proto::Millis;

/// A day, in milliseconds.
pub const DAY_MS: Millis = 24 * 60 * 60 * 1000;

/// Tells the time. Cloning is cheap.
#[derive(Clone)]
pub struct Clock(Arc<dyn Fn() -> Millis + Send + Sync>);

impl Clock {
    /// A clock that asks `now` for the Unix time in milliseconds.
    pub fn new(now: impl Fn() -> Millis + Send + Sync + 'static) -> Self {
        Self(Arc::new(now))
    }

    /// The Unix time in milliseconds.
    #[must_use]
    pub fn now(&self) -> Millis {
        (self.0)()
    }
}

impl Default for Clock {
    /// The system's clock; 1970 should it stand before that.
    fn default() -> Self {
        Self::new(|| {
            let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
            Millis::try_from(since.as_millis()).unwrap_or(Millis::MAX)
        })
    }
}

impl std::fmt::Debug for Clock {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Clock")
    }
}
