//! Floods: a session that sends too fast is read more slowly, and one whose frames are constantly refused is closed.

use std::time::Duration;

use chat_proto::reply::Failure;
use tokio::time::Instant;

/// The maximum number of a session's refused commands in a [`WINDOW`]. Frames that are not commands count as well.
const REFUSED: u32 = 1000;

/// The time in which [`REFUSED`] commands may be refused.
const WINDOW: Duration = Duration::from_secs(10);

/// The longest pause in reading a session after a `rate_limited`. The long wait for a rarely allowed command must not
/// hold up all others.
const PAUSE: Duration = Duration::from_millis(250);

/// A session's recent refused commands.
pub(super) struct Flood {
    since: Instant,
    refused: u32,
    pause: Option<Duration>,
}

impl Flood {
    pub(super) fn new() -> Self {
        Self { since: Instant::now(), refused: 0, pause: None }
    }

    /// Counts a refusal.
    pub(super) fn note(&mut self, failure: &Failure) {
        if self.since.elapsed() >= WINDOW {
            (self.since, self.refused) = (Instant::now(), 0);
        }
        self.refused += 1;
        if let Some(ms) = failure.retry_after_ms {
            self.pause = Some(Duration::from_millis(ms).min(PAUSE));
        }
    }

    /// Whether too many commands were refused.
    pub(super) fn is_too_much(&self) -> bool {
        self.refused > REFUSED
    }

    /// Returns how long to stop reading the session, if at all.
    pub(super) fn take_pause(&mut self) -> Option<Duration> {
        self.pause.take()
    }
}

#[cfg(test)]
mod tests {
    use chat_proto::ErrorCode;
    use chat_proto::error::Refusal;
    use chat_proto::reply::Reply;

    use super::*;

    fn failure(retry_after_ms: Option<u64>) -> Failure {
        let refusal = Refusal { retry_after_ms, ..Refusal::new(ErrorCode::BadRequest, "No.") };
        match Reply::from(refusal) {
            Reply::Error(failure) => failure,
            other => panic!("{other:?}"),
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_flood_is_many_refusals_in_a_short_time() {
        let mut flood = Flood::new();
        for _ in 0..5 {
            for _ in 0..REFUSED {
                flood.note(&failure(None));
            }
            assert!(!flood.is_too_much());
            tokio::time::advance(WINDOW).await;
        }
        for _ in 0..=REFUSED {
            flood.note(&failure(None));
        }
        assert!(flood.is_too_much() && flood.take_pause().is_none());
    }

    #[tokio::test(start_paused = true)]
    async fn whoever_is_too_fast_is_not_read_for_a_while() {
        let mut flood = Flood::new();
        flood.note(&failure(Some(20)));
        assert_eq!(flood.take_pause(), Some(Duration::from_millis(20)));
        assert_eq!(flood.take_pause(), None);
        flood.note(&failure(Some(10_000)));
        assert_eq!(flood.take_pause(), Some(PAUSE));
    }
}
