//! How long to wait before the next attempt: exponential with full jitter, so that the clients of a server that
//! restarts do not all reconnect at the same moment.

use std::time::Duration;

/// The maximum wait after the first failure.
const FIRST: Duration = Duration::from_millis(500);

/// The maximum wait after any number of failures.
const LONGEST: Duration = Duration::from_secs(30);

/// Counts the failures since the last success.
#[derive(Debug, Default)]
pub struct Backoff {
    failures: u32,
}

impl Backoff {
    /// Returns how long to wait after one more failure. `chance` is from 0 to 1.
    pub fn after_failure(&mut self, chance: f64) -> Duration {
        let ceiling = FIRST.saturating_mul(2_u32.saturating_pow(self.failures)).min(LONGEST);
        self.failures = self.failures.saturating_add(1);
        ceiling.mul_f64(chance.clamp(0.0, 1.0))
    }

    /// Starts again after a success.
    pub fn reset(&mut self) {
        self.failures = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn doubles_up_to_a_ceiling_and_starts_over() {
        let mut backoff = Backoff::default();
        let waits: Vec<u64> = (0..9).map(|_| backoff.after_failure(1.0).as_millis() as u64).collect();
        assert_eq!(waits, [500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000]);
        for _ in 0..100 {
            assert_eq!(backoff.after_failure(0.5), LONGEST / 2);
        }
        backoff.reset();
        assert_eq!(backoff.after_failure(0.0), Duration::ZERO);
        assert_eq!(backoff.after_failure(0.5), Duration::from_millis(500));
    }
}
