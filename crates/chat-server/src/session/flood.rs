//! Floods: a session that sends too fast is read more slowly, and one whose frames are refused all the time is closed.

use std::time::Duration;

use chat_proto::reply::Failure;
use tokio::time::Instant;

/// How many commands of a session may be refused within [`WINDOW`], frames that are no commands among them.
const REFUSED: u32 = 1000;

/// See [`REFUSED`].
const WINDOW: Duration = Duration::from_secs(10);

/// The longest time for which a session is not read after a `rate_limited`. The wait for a rare command must not hold
/// up all others.
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

    /// Whether there were too many.
    pub(super) fn is_too_much(&self) -> bool {
        self.refused > REFUSED
    }

    /// How long the session is not to be read now.
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
