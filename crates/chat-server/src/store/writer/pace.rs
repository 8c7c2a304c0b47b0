//! When the next commit begins. A single author's message is committed at once, however often they write. If several
//! write within a few milliseconds, commits begin some time apart, so that each covers all of them: a sync costs as
//! much as sending to ten people, whatever it is for (PostgreSQL's `commit_delay` and `commit_siblings` follow the
//! same idea).

use std::time::{Duration, Instant};

use chat_proto::UserId;

/// The time between the beginnings of two commits, if several authors write.
const APART: Duration = Duration::from_millis(2);

/// How many jobs do not wait for more.
pub(super) const ENOUGH: usize = 32;

/// How many of the newest authors are remembered, how many different ones count as several, and within what time.
const REMEMBERED: usize = 8;
const SEVERAL: usize = 4;
const WITHIN: Duration = Duration::from_millis(10);

/// Decides when commits begin.
pub(super) struct Pace {
    /// The newest authors, and when their messages were committed, in no order.
    authors: [(UserId, Instant); REMEMBERED],
    next: usize,
    began: Instant,
}

impl Pace {
    pub(super) fn new(now: Instant) -> Self {
        Self { authors: [(UserId(0), now); REMEMBERED], next: 0, began: now }
    }

    /// Returns the earliest time for the next commit.
    pub(super) fn due(&self) -> Instant {
        let several = {
            let mut ids = self.authors.map(|(id, _)| id);
            ids.sort_unstable();
            1 + ids.windows(2).filter(|two| two[0] != two[1]).count() >= SEVERAL
        };
        let oldest = self.authors.iter().map(|(_, at)| *at).min().unwrap_or(self.began);
        if several && self.began.saturating_duration_since(oldest) < WITHIN {
            self.began + APART
        } else {
            self.began
        }
    }

    /// Notes that a commit begins, with messages of these authors.
    pub(super) fn begin(&mut self, now: Instant, authors: impl DoubleEndedIterator<Item = UserId>) {
        self.began = now;
        for author in authors.rev().take(REMEMBERED) {
            self.authors[self.next] = (author, now);
            self.next = (self.next + 1) % REMEMBERED;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_several_authors_in_a_short_time_wait_for_each_other() {
        let start = Instant::now();
        let at = |ms| start + Duration::from_millis(ms);
        let mut pace = Pace::new(start);
        for n in 0..20 {
            pace.begin(at(n), std::iter::once(UserId(7)));
        }
        assert_eq!(pace.due(), at(19), "one author, as often as it likes");
        for n in 0..20 {
            pace.begin(at(20 + 2 * n), std::iter::once(UserId(n.cast_signed())));
        }
        assert_eq!(pace.due(), at(58), "several, but seldom");
        pace.begin(at(60), (0..8).map(UserId));
        assert_eq!(pace.due(), at(60) + APART);
        pace.begin(at(61), std::iter::once(UserId(1)));
        assert_eq!(pace.due(), at(61) + APART);
        for n in 0..8 {
            pace.begin(at(62 + n), std::iter::once(UserId(7)));
        }
        assert_eq!(pace.due(), at(69), "one author again");
    }
}
