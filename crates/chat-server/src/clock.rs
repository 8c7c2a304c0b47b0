//! Time, passed in so that a test can set it. The order of events never depends on it: that is the seq's task.
//!
//! The wall clock may be wrong for a while and then right again. [`Clock::now`] is the wall clock's time.
//! [`Clock::age_now`] is the time by which ages are measured: it follows the wall clock, but at most twice as fast as
//! real time passes, so that nothing suddenly becomes old when the wall clock jumps ahead.

use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use chat_proto::Millis;
use parking_lot::Mutex;

/// A day, in milliseconds.
pub const DAY_MS: i64 = 24 * 60 * 60 * 1000;

/// How much faster than real time the age clock may follow the wall clock, for instance after the server was stopped
/// for some days.
const CATCH_UP: i64 = 2;

/// How far the wall clock may drift from real time between two readings. More is a jump.
const JUMP_MS: i64 = 5 * 60 * 1000;

/// How long the wall clock must run without a jump to be trusted, in milliseconds.
const SETTLED_MS: i64 = 60 * 60 * 1000;

/// The maximum time that counts as passed between two readings. The server reads its clock every minute, so a longer
/// time means that the process was suspended, or that the steady clock was changed too.
const LONGEST_STEP: Duration = Duration::from_secs(60 * 60);

/// A clock. Clones share their state.
#[derive(Clone)]
pub struct Clock {
    wall: Arc<dyn Fn() -> i64 + Send + Sync>,
    steady: Arc<dyn Fn() -> i64 + Send + Sync>,
    anchor: Arc<Mutex<Option<Anchor>>>,
}

/// The state at a reading of both clocks.
#[derive(Clone, Copy)]
struct Anchor {
    /// The upper limit of the age time, by the real time that passed. It never decreases, so that the age time
    /// follows a wall clock that was behind as soon as that is right again.
    bound: Millis,
    steady: i64,
    /// The wall clock's time. `None` before it was read.
    wall: Option<Millis>,
    /// When the wall clock last jumped, in steady time.
    smooth_since: i64,
}

/// The times of all clocks at one moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Now {
    /// The Unix time in milliseconds.
    pub wall: Millis,
    /// The time by which ages are measured.
    pub age: Millis,
    /// The time to store with a use: the wall clock's, unless that is known to be behind.
    pub mark: Millis,
}

impl Anchor {
    fn age(&self) -> Millis {
        self.wall.map_or(self.bound, |wall| wall.min(self.bound))
    }
}

impl Clock {
    /// Creates a clock from a function that returns the Unix time in milliseconds. Every step of that time counts as
    /// real time.
    pub fn new(now: impl Fn() -> i64 + Send + Sync + 'static) -> Self {
        let now = Arc::new(now);
        Self { wall: now.clone(), steady: now, anchor: Arc::default() }
    }

    /// Creates a clock from a wall clock and one that only measures how much real time passed, both in milliseconds.
    pub fn with_steady(
        wall: impl Fn() -> i64 + Send + Sync + 'static,
        steady: impl Fn() -> i64 + Send + Sync + 'static,
    ) -> Self {
        Self { wall: Arc::new(wall), steady: Arc::new(steady), anchor: Arc::default() }
    }

    /// Returns the Unix time.
    #[must_use]
    pub fn now(&self) -> Millis {
        Millis((self.wall)())
    }

    /// Returns the real time that passed, in milliseconds, whatever the wall clock shows.
    #[must_use]
    pub fn steady(&self) -> i64 {
        (self.steady)()
    }

    /// Returns the time by which ages are measured. It is never later than [`Self::now`].
    #[must_use]
    pub fn age_now(&self) -> Millis {
        self.advance().age()
    }

    /// Whether the wall clock has run without a jump for so long that it is trusted.
    #[must_use]
    pub fn is_settled(&self) -> bool {
        let now = self.advance();
        now.steady.saturating_sub(now.smooth_since) >= SETTLED_MS
    }

    fn advance(&self) -> Anchor {
        // Read before the lock is taken, because reading may wait: a test's clock does.
        let (wall, steady) = (self.now(), self.steady());
        let mut anchor = self.anchor.lock();
        let before = anchor.unwrap_or(Anchor { bound: wall, steady, wall: None, smooth_since: steady });
        let passed = steady.saturating_sub(before.steady).max(0);
        let has_jumped = before.wall.is_some_and(|before| (wall - before - passed).abs() > JUMP_MS);
        let reachable = before.bound + passed.saturating_mul(CATCH_UP);
        let now = Anchor {
            bound: before.bound.max(wall.min(reachable)),
            // Another thread may have read it later and stored it first.
            steady: steady.max(before.steady),
            wall: Some(wall),
            smooth_since: if has_jumped { steady } else { before.smooth_since },
        };
        *anchor = Some(now);
        now
    }

    /// Returns all times at once.
    #[must_use]
    pub fn read(&self) -> Now {
        let now = self.advance();
        let wall = now.wall.unwrap_or(now.bound);
        Now { wall, age: now.age(), mark: wall.max(now.bound) }
    }

    /// Returns the latest age time so far, for [`Self::resume_age`] in the next run.
    #[must_use]
    pub fn age_bound(&self) -> Millis {
        self.advance().bound
    }

    /// Continues from the age bound of an earlier run, unless the clock was already read.
    pub fn resume_age(&self, bound: Millis) {
        let steady = self.steady();
        let mut anchor = self.anchor.lock();
        anchor.get_or_insert(Anchor { bound, steady, wall: None, smooth_since: steady });
    }
}

impl Default for Clock {
    /// Returns the system's clock. It shows 1970 if it is set to an earlier time.
    fn default() -> Self {
        let millis = |time: Duration| i64::try_from(time.as_millis()).unwrap_or(i64::MAX);
        let passed = Mutex::new((Instant::now(), Duration::ZERO));
        Self::with_steady(
            move || millis(SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default()),
            move || {
                let mut passed = passed.lock();
                let now = Instant::now();
                let step = now.saturating_duration_since(passed.0).min(LONGEST_STEP);
                *passed = (now, passed.1 + step);
                millis(passed.1)
            },
        )
    }
}

impl std::fmt::Debug for Clock {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Clock")
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicI64, Ordering};

    use super::*;

    #[test]
    fn ages_ignore_a_jump_and_follow_time_that_passed() {
        let (wall, steady) = (Arc::new(AtomicI64::new(1000 * DAY_MS)), Arc::new(AtomicI64::new(0)));
        let (told, passed) = (wall.clone(), steady.clone());
        let clock =
            Clock::with_steady(move || told.load(Ordering::SeqCst), move || passed.load(Ordering::SeqCst));
        let step = |wall_ms: i64, steady_ms: i64| {
            wall.fetch_add(wall_ms, Ordering::SeqCst);
            steady.fetch_add(steady_ms, Ordering::SeqCst);
            clock.age_now() - Millis(1000 * DAY_MS)
        };
        assert_eq!(step(0, 0), 0);
        assert_eq!(step(400 * DAY_MS, 3000), 6000, "three seconds of a clock that is far ahead");
        assert_eq!(step(-400 * DAY_MS, 3000), 0, "it is right again");
        assert_eq!(step(DAY_MS, DAY_MS), DAY_MS);
        assert_eq!(
            step(-20_000 * DAY_MS, 0),
            -19_999 * DAY_MS,
            "a clock that is behind makes everything younger"
        );
        assert_eq!(step(20_000 * DAY_MS, 1000), DAY_MS, "and is followed at once when it is right again");
        assert_eq!(clock.age_bound() - Millis(1000 * DAY_MS), DAY_MS);
    }

    #[test]
    fn an_age_of_an_earlier_run_goes_on() {
        let clock = Clock::with_steady(|| 400 * DAY_MS, || 7);
        clock.resume_age(Millis(5 * DAY_MS));
        assert_eq!(clock.age_now(), Millis(5 * DAY_MS));
        clock.resume_age(Millis(9 * DAY_MS));
        assert_eq!(clock.age_now(), Millis(5 * DAY_MS));
    }
}
