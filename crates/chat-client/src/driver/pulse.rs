//! Decides whether the link is alive, by the bytes that arrive on it: on a slow link a frame takes long, and each of
//! its bytes is a sign of life. While no reply is pending, no timer runs here.

use std::time::Duration;

use tokio::time::Instant;

/// How long the link may be silent. The server pings every 30 s.
const SILENCE: Duration = Duration::from_secs(75);

/// How long a command may wait without a byte arriving before that is reported.
pub(super) const ANSWER: Duration = Duration::from_secs(7);

/// What to do about a silence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Beat {
    /// Bytes arrived.
    Alive,
    /// Bytes arrived again after a silence that was reported.
    Again,
    /// Nothing arrived for this long while a reply is pending. Reported once.
    NoAnswer(Duration),
    /// There is nothing new to report.
    Quiet,
    /// The link is dead.
    Dead,
}

/// The state of a link.
#[derive(Debug)]
pub(super) struct Pulse {
    /// The number of bytes at the last check.
    bytes: u64,
    /// When bytes were last seen to have arrived.
    alive: Instant,
    /// When a reply began to be pending, or when the wait was last restarted.
    waiting: Option<Instant>,
    is_reported: bool,
}

impl Pulse {
    pub(super) fn new(bytes: u64, now: Instant) -> Self {
        Self { bytes, alive: now, waiting: None, is_reported: false }
    }

    /// Notes that a frame arrived.
    pub(super) fn frame_arrived(&mut self, bytes: u64, now: Instant) -> Beat {
        (self.bytes, self.alive) = (bytes, now);
        self.waiting = self.waiting.map(|_| now);
        if std::mem::take(&mut self.is_reported) { Beat::Again } else { Beat::Alive }
    }

    /// Notes whether replies are pending.
    pub(super) fn waits(&mut self, is_waiting: bool, now: Instant) {
        self.waiting = is_waiting.then(|| self.waiting.unwrap_or(now));
    }

    /// Returns when to check again.
    pub(super) fn due(&self) -> Instant {
        let dead = self.alive + SILENCE;
        self.waiting.map_or(dead, |since| dead.min(since + ANSWER))
    }

    /// Checks the link, when it is time to.
    pub(super) fn check(&mut self, bytes: u64, now: Instant) -> Beat {
        if bytes != self.bytes {
            return self.frame_arrived(bytes, now);
        }
        if now >= self.alive + SILENCE {
            return Beat::Dead;
        }
        match &mut self.waiting {
            Some(since) if now >= *since + ANSWER => {
                *since = now;
                if std::mem::replace(&mut self.is_reported, true) {
                    Beat::Quiet
                } else {
                    Beat::NoAnswer(ANSWER)
                }
            }
            _ => Beat::Quiet,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(start: Instant, seconds: u64) -> Instant {
        start + Duration::from_secs(seconds)
    }

    #[tokio::test(start_paused = true)]
    async fn an_idle_link_is_looked_at_only_when_it_would_be_dead() {
        let start = Instant::now();
        let mut pulse = Pulse::new(0, start);
        assert_eq!(pulse.due(), at(start, 75));
        pulse.frame_arrived(10, at(start, 30));
        pulse.waits(false, at(start, 30));
        assert_eq!(pulse.due(), at(start, 105));
        assert_eq!(pulse.check(10, at(start, 105)), Beat::Dead);
    }

    #[tokio::test(start_paused = true)]
    async fn a_question_without_a_byte_is_named_once_and_until_bytes_arrive() {
        let start = Instant::now();
        let mut pulse = Pulse::new(0, start);
        pulse.waits(true, at(start, 10));
        assert_eq!(pulse.due(), at(start, 17));
        assert_eq!(pulse.check(0, at(start, 17)), Beat::NoAnswer(ANSWER));
        pulse.waits(true, at(start, 17));
        assert_eq!(pulse.check(0, at(start, 24)), Beat::Quiet);
        assert_eq!(pulse.check(1, at(start, 31)), Beat::Again, "half a frame is a sign of life");
        assert_eq!(pulse.check(1, at(start, 38)), Beat::NoAnswer(ANSWER));
        assert_eq!(pulse.frame_arrived(2, at(start, 39)), Beat::Again);
        pulse.waits(false, at(start, 39));
        assert_eq!(pulse.due(), at(start, 114), "nothing is waited for");
    }

    #[tokio::test(start_paused = true)]
    async fn arriving_bytes_keep_a_link_alive_without_a_frame() {
        let start = Instant::now();
        let mut pulse = Pulse::new(0, start);
        pulse.waits(true, start);
        for n in 1..100 {
            assert_eq!(pulse.check(n * 6000, at(start, n * 7)), Beat::Alive);
        }
        assert_eq!(pulse.check(99 * 6000, at(start, 99 * 7 + 75)), Beat::Dead);
    }
}
