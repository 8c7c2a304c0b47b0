//! Limits wrong passwords. Attempts are counted before the password is checked, so that a thousand at once cannot get
//! around the limits, and returned if the password was right.

use std::net::IpAddr;

use chat_proto::ErrorCode;
use chat_proto::error::Refusal;

use crate::clock::Clock;
use crate::limiter::{Limiter, Quota};

/// The limits. A name is limited for each address separately, so that nobody can lock its owner out, and more loosely
/// for all addresses together, except those that the owner is connected from.
pub(crate) struct Throttle {
    by_name_and_address: Limiter<(String, IpAddr)>,
    by_address: Limiter<IpAddr>,
    by_name: Limiter<String>,
    on: bool,
    clock: Clock,
}

/// A counted attempt.
#[derive(Clone, Debug)]
pub(crate) struct Attempt {
    name: String,
    address: IpAddr,
    is_known: bool,
}

impl Throttle {
    /// Creates limits of which nothing is used up. Without `on`, nothing is ever refused.
    #[must_use]
    pub(crate) fn new(on: bool, clock: Clock) -> Self {
        Self {
            by_name_and_address: Limiter::new(Quota::every(30, 8)),
            by_address: Limiter::new(Quota::every(4, 30)),
            by_name: Limiter::new(Quota::every(4, 100)),
            on,
            clock,
        }
    }

    /// Counts an attempt at `name` from `address`. It `is_known` if the owner of the name is connected from there.
    ///
    /// # Errors
    /// `rate_limited`, with when to try again.
    pub(crate) fn begin(&self, name: &str, address: IpAddr, is_known: bool) -> Result<Attempt, Refusal> {
        let attempt = Attempt { name: name.to_owned(), address, is_known };
        if !self.on {
            return Ok(attempt);
        }
        let by_both = (attempt.name.clone(), address);
        self.by_address.take(&address, &self.clock).map_err(too_many)?;
        self.by_name_and_address.take(&by_both, &self.clock).map_err(too_many)?;
        if !is_known {
            self.by_name.take(&attempt.name, &self.clock).map_err(too_many)?;
        }
        Ok(attempt)
    }

    /// Returns an attempt, because the password was right.
    pub(crate) fn succeeded(&self, attempt: Attempt) {
        self.by_address.give_back(&attempt.address);
        if !attempt.is_known {
            self.by_name.give_back(&attempt.name);
        }
        self.by_name_and_address.give_back(&(attempt.name, attempt.address));
    }

    /// Frees memory that is not needed for any count.
    pub(crate) fn forget_idle(&self) {
        self.by_name_and_address.forget_full(&self.clock);
        self.by_address.forget_full(&self.clock);
        self.by_name.forget_full(&self.clock);
    }
}

/// Returns the refusal if another attempt is possible in `wait` milliseconds.
fn too_many(wait: i64) -> Refusal {
    let seconds = wait.unsigned_abs() / 1000 + 1;
    let why = format!("There were too many wrong passwords. Try again in {seconds} s.");
    Refusal { retry_after_ms: Some(seconds * 1000), ..Refusal::new(ErrorCode::RateLimited, why) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ip(n: u8) -> IpAddr {
        [192, 0, 2, n].into()
    }

    #[test]
    fn wrong_ones_count_and_right_ones_do_not() {
        let throttle = Throttle::new(true, Clock::new(|| 0));
        for _ in 0..100 {
            let attempt = throttle.begin("alice", ip(1), false).unwrap();
            throttle.succeeded(attempt);
        }
        for _ in 0..8 {
            throttle.begin("alice", ip(1), false).unwrap();
        }
        let refused = throttle.begin("alice", ip(1), false).unwrap_err();
        assert_eq!(refused.code, ErrorCode::RateLimited);
        assert!(refused.retry_after_ms == Some(31_000));
        assert!(throttle.begin("alice", ip(2), false).is_ok(), "the owner is not locked out");
        throttle.forget_idle();
        assert!(throttle.begin("alice", ip(1), false).is_err(), "fresh ones are not forgotten");
    }

    #[test]
    fn an_address_has_a_limit_over_all_names_and_a_name_over_all_addresses() {
        let throttle = Throttle::new(true, Clock::new(|| 0));
        assert!((0..40).any(|n| throttle.begin(&format!("user{n}"), ip(1), false).is_err()));
        assert!((0..120).any(|n| throttle.begin("bob", ip(n), false).is_err()));
        assert!(throttle.begin("bob", ip(200), true).is_ok(), "from where bob is connected");
        assert!(Throttle::new(false, Clock::new(|| 0)).begin("bob", ip(1), false).is_ok());
    }
}
