//! A rate limiter: a token bucket for each key.
//!
//! Only the time at which a bucket is full again is stored. Full buckets are not stored at all, and the number of
//! other buckets has a limit, because strangers choose the keys.

use std::collections::HashMap;
use std::hash::Hash;

use parking_lot::Mutex;

use crate::clock::Clock;

/// The maximum number of buckets that are not full. Beyond it, those nearest to full count as full.
const MAX_BUCKETS: usize = 65_536;

/// A bucket's refill rate and size.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Quota {
    /// After how many milliseconds another token is added.
    every: i64,
    /// The number of tokens in a full bucket.
    burst: u32,
}

impl Quota {
    /// Returns a quota of `n` tokens a second. `n` must divide 1,000.
    pub(crate) const fn per_second(n: u32, burst: u32) -> Self {
        Self { every: 1000 / n as i64, burst }
    }

    /// Returns a quota of one token in this many seconds.
    pub(crate) const fn every(seconds: u32, burst: u32) -> Self {
        Self { every: 1000 * seconds as i64, burst }
    }
}

/// A rate limiter.
pub(crate) struct Limiter<K> {
    quota: Quota,
    max_buckets: usize,
    /// When each bucket is full again, in the clock's steady time.
    full_at: Mutex<HashMap<K, i64>>,
}

impl<K: Hash + Eq + Clone> Limiter<K> {
    /// Creates a limiter with full buckets.
    pub(crate) fn new(quota: Quota) -> Self {
        Self { quota, max_buckets: MAX_BUCKETS, full_at: Mutex::default() }
    }

    /// Takes a token.
    ///
    /// # Errors
    /// If there is none now: after how many milliseconds there will be one.
    pub(crate) fn take(&self, key: &K, clock: &Clock) -> Result<(), i64> {
        let Quota { every, burst } = self.quota;
        let now = clock.steady();
        let mut buckets = self.full_at.lock();
        let stored = buckets.get_mut(key);
        let full_at = stored.as_deref().map_or(now, |full_at| now.max(*full_at)) + every;
        let wait = full_at - now - every * i64::from(burst);
        if wait > 0 {
            return Err(wait);
        }
        match stored {
            Some(stored) => *stored = full_at,
            None => {
                if buckets.len() >= self.max_buckets {
                    evict(&mut buckets, now);
                }
                buckets.insert(key.clone(), full_at);
            }
        }
        Ok(())
    }

    /// Returns a token to its bucket.
    pub(crate) fn give_back(&self, key: &K) {
        if let Some(full_at) = self.full_at.lock().get_mut(key) {
            *full_at -= self.quota.every;
        }
    }

    /// Frees the memory of full buckets.
    pub(crate) fn forget_full(&self, clock: &Clock) {
        let now = clock.steady();
        let mut buckets = self.full_at.lock();
        buckets.retain(|_, full_at| *full_at > now);
        buckets.shrink_to_fit();
    }
}

/// Removes the full buckets, but at least the eighth that is nearest to full, so that the next eighth of new keys
/// costs nothing.
fn evict<K: Hash + Eq>(buckets: &mut HashMap<K, i64>, now: i64) {
    let mut times: Vec<i64> = buckets.values().copied().collect();
    let eighth = times.len() / 8;
    let (_, limit, _) = times.select_nth_unstable(eighth);
    let limit = now.max(*limit);
    buckets.retain(|_, full_at| *full_at > limit);
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicI64, Ordering};

    use super::*;

    /// Returns a clock, and the time that it shows.
    fn manual() -> (Clock, Arc<AtomicI64>) {
        let time = Arc::new(AtomicI64::new(1_000_000));
        let shown = time.clone();
        (Clock::new(move || shown.load(Ordering::SeqCst)), time)
    }

    #[test]
    fn a_bucket_has_a_burst_and_refills_steadily() {
        let (clock, time) = manual();
        let limiter = Limiter::new(Quota::per_second(2, 3));
        for _ in 0..3 {
            limiter.take(&'a', &clock).unwrap();
        }
        assert_eq!(limiter.take(&'a', &clock), Err(500));
        assert_eq!(limiter.take(&'b', &clock), Ok(()), "each key has its own");
        time.fetch_add(499, Ordering::SeqCst);
        assert_eq!(limiter.take(&'a', &clock), Err(1), "a refused take costs nothing");
        time.fetch_add(1, Ordering::SeqCst);
        assert_eq!(limiter.take(&'a', &clock), Ok(()));
        assert_eq!(limiter.take(&'a', &clock), Err(500));
        time.fetch_add(1_000_000, Ordering::SeqCst);
        for _ in 0..3 {
            limiter.take(&'a', &clock).unwrap();
        }
        assert_eq!(limiter.take(&'a', &clock), Err(500), "a bucket never holds more than the burst");
    }

    #[test]
    fn what_is_given_back_can_be_taken_again_and_fills_no_bucket_beyond_its_burst() {
        let (clock, _) = manual();
        let limiter = Limiter::new(Quota::every(4, 2));
        for _ in 0..100 {
            limiter.take(&1, &clock).unwrap();
            limiter.give_back(&1);
        }
        limiter.give_back(&1);
        limiter.give_back(&2);
        for _ in 0..2 {
            limiter.take(&1, &clock).unwrap();
        }
        assert_eq!(limiter.take(&1, &clock), Err(4000));
    }

    #[test]
    fn full_buckets_are_forgotten_and_others_are_not() {
        let (clock, time) = manual();
        let limiter = Limiter::new(Quota::every(10, 1));
        limiter.take(&1, &clock).unwrap();
        time.fetch_add(5000, Ordering::SeqCst);
        limiter.take(&2, &clock).unwrap();
        time.fetch_add(5000, Ordering::SeqCst);
        limiter.forget_full(&clock);
        assert_eq!(limiter.full_at.lock().keys().copied().collect::<Vec<_>>(), [2]);
        assert_eq!(limiter.take(&2, &clock), Err(5000));
    }

    #[test]
    fn any_number_of_keys_takes_bounded_memory_and_the_emptiest_buckets_stay() {
        let (clock, time) = manual();
        let limiter = Limiter { max_buckets: 64, ..Limiter::new(Quota::every(10, 2)) };
        for _ in 0..2 {
            limiter.take(&0, &clock).unwrap();
        }
        for key in 1..10_000 {
            limiter.take(&key, &clock).unwrap();
            assert!(limiter.full_at.lock().len() <= 64);
        }
        assert_eq!(limiter.take(&0, &clock), Err(10_000), "the one that took most is remembered");
        time.fetch_add(20_000, Ordering::SeqCst);
        for key in 10_000..10_064 {
            limiter.take(&key, &clock).unwrap();
        }
        assert!(limiter.full_at.lock().keys().all(|key| *key >= 10_000), "full ones go first");
    }
}
