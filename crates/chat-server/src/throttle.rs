//! How many wrong pass-phrases may be tried. Attempts are counted before they are checked, so that a thousand
//! at once are no way around it, and taken back where they were right.

use std::collections::HashMap;
use std::hash::Hash;
use std::net::IpAddr;
use std::time::{Duration, Instant};

use chat_proto::ErrorCode;
use chat_proto::error::Refusal;
use parking_lot::Mutex;

/// The counters. A name is throttled for each address apart, so that nobody can lock its owner out, and more
/// loosely for all addresses together, from which addresses that the owner is connected from are excepted.
pub(crate) struct Throttle {
    by_name_and_address: Attempts<(String, IpAddr)>,
    by_address: Attempts<IpAddr>,
    by_name: Attempts<String>,
    on: bool,
}

/// One attempt that was counted.
#[derive(Clone, Debug)]
pub(crate) struct Attempt {
    name: String,
    address: IpAddr,
    known: bool,
}

impl Throttle {
    /// Ready to count; without `on` nothing is ever refused.
    #[must_use]
    pub(crate) fn new(on: bool) -> Self {
        Self {
            by_name_and_address: Attempts::new(8, Duration::from_secs(30)),
            by_address: Attempts::new(30, Duration::from_secs(4)),
            by_name: Attempts::new(100, Duration::from_secs(4)),
            on,
        }
    }

    /// Counts an attempt at `name` from `address`; `known` where its owner is connected from there.
    ///
    /// # Errors
    /// `rate_limited`, with when to try again.
    pub(crate) fn begin(&self, name: &str, address: IpAddr, known: bool) -> Result<Attempt, Refusal> {
        let attempt = Attempt { name: name.to_owned(), address, known };
        if !self.on {
            return Ok(attempt);
        }
        self.by_address.count(&address)?;
        self.by_name_and_address.count(&(attempt.name.clone(), address))?;
        if !known {
            self.by_name.count(&attempt.name)?;
        }
        Ok(attempt)
    }

    /// The attempt was right.
    pub(crate) fn succeeded(&self, attempt: Attempt) {
        self.by_address.take_back(&attempt.address);
        if !attempt.known {
            self.by_name.take_back(&attempt.name);
        }
        self.by_name_and_address.take_back(&(attempt.name, attempt.address));
    }

    /// Forgets attempts that no longer count. Without this they would grow for ever.
    pub(crate) fn forget_idle(&self) {
        self.by_name_and_address.forget_idle();
        self.by_address.forget_idle();
        self.by_name.forget_idle();
    }
}

/// A leaky bucket for each key: `most` fit, and one leaks `every` so often.
struct Attempts<K> {
    levels: Mutex<HashMap<K, (f64, Instant)>>,
    most: u32,
    every: Duration,
}

impl<K: Hash + Eq + Clone> Attempts<K> {
    fn new(most: u32, every: Duration) -> Self {
        Self { levels: Mutex::default(), most, every }
    }

    fn level(&self, (level, since): (f64, Instant)) -> f64 {
        (level - since.elapsed().as_secs_f64() / self.every.as_secs_f64()).max(0.0)
    }

    fn count(&self, key: &K) -> Result<(), Refusal> {
        let mut levels = self.levels.lock();
        let level = levels.get(key).map_or(0.0, |known| self.level(*known)) + 1.0;
        let over = level - f64::from(self.most);
        if over > 0.0 {
            let wait = self.every.mul_f64(over);
            let seconds = wait.as_secs() + 1;
            return Err(Refusal {
                retry_after_ms: Some(seconds * 1000),
                ..Refusal::new(
                    ErrorCode::RateLimited,
                    format!("There were too many wrong passwords. Try again in {seconds} s."),
                )
            });
        }
        levels.insert(key.clone(), (level, Instant::now()));
        Ok(())
    }

    fn take_back(&self, key: &K) {
        let mut levels = self.levels.lock();
        if let Some(known) = levels.get_mut(key) {
            known.0 -= 1.0;
        }
    }

    fn forget_idle(&self) {
        let mut levels = self.levels.lock();
        levels.retain(|_, known| self.level(*known) > 0.0);
        levels.shrink_to_fit();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ip(n: u8) -> IpAddr {
        [192, 0, 2, n].into()
    }

    #[test]
    fn wrong_ones_count_and_right_ones_do_not() {
        let throttle = Throttle::new(true);
        for _ in 0..100 {
            let attempt = throttle.begin("alice", ip(1), false).unwrap();
            throttle.succeeded(attempt);
        }
        for _ in 0..8 {
            throttle.begin("alice", ip(1), false).unwrap();
        }
        let refused = throttle.begin("alice", ip(1), false).unwrap_err();
        assert_eq!(refused.code, ErrorCode::RateLimited);
        assert!((1..=31_000).contains(&refused.retry_after_ms.unwrap()));
        assert!(throttle.begin("alice", ip(2), false).is_ok(), "the owner is not locked out");
        throttle.forget_idle();
        assert!(throttle.begin("alice", ip(1), false).is_err(), "fresh ones are not forgotten");
    }

    #[test]
    fn an_address_has_a_limit_over_all_names_and_a_name_over_all_addresses() {
        let throttle = Throttle::new(true);
        assert!((0..40).any(|n| throttle.begin(&format!("user{n}"), ip(1), false).is_err()));
        assert!((0..120).any(|n| throttle.begin("bob", ip(n), false).is_err()));
        assert!(throttle.begin("bob", ip(200), true).is_ok(), "from where bob is connected");
        assert!(Throttle::new(false).begin("bob", ip(1), false).is_ok());
    }
}
