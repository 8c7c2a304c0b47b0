//! How often one may ask: a bucket for each sort of command, kept per user or per address.

use std::hash::Hash;
use std::net::IpAddr;
use std::num::NonZeroU32;
use std::time::Duration;

use chat_proto::error::Refusal;
use chat_proto::{ErrorCode, UserId};
use governor::clock::{Clock, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};

/// Most rooms that guests from one address make in a day.
pub const ROOMS_A_DAY: u32 = 100;

const DAY_S: u64 = 24 * 60 * 60;

/// What one asks for, by what it costs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cost {
    /// A message or a topic: 20 a second, 100 at once.
    Write,
    /// A search: 2 a second, 10 at once.
    Search,
    /// An upload: 2 a second, 30 at once.
    Upload,
    /// A room: one in ten seconds, 10 at once.
    Create,
    /// A list of rooms: 2 a second, 20 at once.
    List,
    /// An invitation, which tells someone: one a second, 30 at once.
    Invite,
    /// That one is writing: 10 a second, 50 at once.
    Type,
    /// A hello: 2 a second, 64 at once.
    Hello,
    /// Anything else: 50 a second, 200 at once.
    Ask,
}

impl Cost {
    /// All of them, in their order.
    const ALL: [Self; 9] = [
        Self::Write,
        Self::Search,
        Self::Upload,
        Self::Create,
        Self::List,
        Self::Invite,
        Self::Type,
        Self::Hello,
        Self::Ask,
    ];

    fn quota(self) -> Quota {
        match self {
            Self::Write => per_second(20, 100),
            Self::Search => per_second(2, 10),
            Self::Upload => per_second(2, 30),
            Self::Create => every(10, 10),
            Self::List => per_second(2, 20),
            Self::Invite => per_second(1, 30),
            Self::Type => per_second(10, 50),
            Self::Hello => per_second(2, 64),
            Self::Ask => per_second(50, 200),
        }
    }
}

/// What is counted for an address, because users are free.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// A hello, before anyone knows whose it is: 20 a second, 1,024 at once, as all connections of an address can come
    /// back together.
    Arrival,
    /// A new guest, or an attempt to register: two a second, 100 at once.
    Guest,
    /// An upload: 5 a second, 100 at once.
    Upload,
    /// A MiB of an upload: one in ten seconds, 4,096 at once.
    Mebibyte,
    /// A new room of a guest: [`ROOMS_A_DAY`] at once, and as many a day.
    Room,
}

impl Source {
    /// All of them, in their order.
    const ALL: [Self; 5] = [Self::Arrival, Self::Guest, Self::Upload, Self::Mebibyte, Self::Room];

    fn quota(self) -> Quota {
        match self {
            Self::Arrival => per_second(20, 1024),
            Self::Guest => per_second(2, 100),
            Self::Upload => per_second(5, 100),
            Self::Mebibyte => every(10, 4096),
            Self::Room => every(DAY_S / u64::from(ROOMS_A_DAY), ROOMS_A_DAY),
        }
    }
}

fn at_least_one(n: u32) -> NonZeroU32 {
    NonZeroU32::new(n).unwrap_or(NonZeroU32::MIN)
}

fn per_second(n: u32, burst: u32) -> Quota {
    Quota::per_second(at_least_one(n)).allow_burst(at_least_one(burst))
}

/// One in so many seconds.
fn every(seconds: u64, burst: u32) -> Quota {
    let quota = Quota::with_period(Duration::from_secs(seconds));
    quota.unwrap_or_else(|| per_second(1, 1)).allow_burst(at_least_one(burst))
}

/// The buckets.
pub struct Rates {
    /// By [`Cost`].
    users: [Bucket<UserId>; Cost::ALL.len()],
    /// By [`Source`].
    addresses: [Bucket<IpAddr>; Source::ALL.len()],
    /// By user and room number.
    typing: Bucket<(UserId, i64)>,
    on: bool,
}

struct Bucket<K: Hash + Eq + Clone>(DefaultKeyedRateLimiter<K>);

impl<K: Hash + Eq + Clone> Bucket<K> {
    fn new(quota: Quota) -> Self {
        Self(RateLimiter::keyed(quota))
    }

    fn take(&self, key: &K) -> Result<(), Refusal> {
        self.0.check_key(key).map_err(|not_until| {
            let wait = not_until.wait_time_from(DefaultClock::default().now());
            let ms = u64::try_from(wait.as_millis()).unwrap_or(u64::MAX).saturating_add(1);
            let why = format!("That was too fast. Try again in {} s.", ms.div_ceil(1000));
            Refusal { retry_after_ms: Some(ms), ..Refusal::new(ErrorCode::RateLimited, why) }
        })
    }

    fn forget_idle(&self) {
        self.0.retain_recent();
        self.0.shrink_to_fit();
    }
}

impl Rates {
    /// The buckets, all full; without `on` they never empty.
    #[must_use]
    pub fn new(on: bool) -> Self {
        Self {
            users: Cost::ALL.map(|cost| Bucket::new(cost.quota())),
            addresses: Source::ALL.map(|source| Bucket::new(source.quota())),
            typing: Bucket::new(every(3, 2)),
            on,
        }
    }

    /// Whether limits are in force.
    #[must_use]
    pub fn on(&self) -> bool {
        self.on
    }

    /// Takes from `user`'s bucket.
    ///
    /// # Errors
    /// `rate_limited` with the time until it has enough again.
    pub fn take(&self, user: UserId, cost: Cost) -> Result<(), Refusal> {
        if self.on { self.users[cost as usize].take(&user) } else { Ok(()) }
    }

    /// Takes from an address's bucket.
    ///
    /// # Errors
    /// `rate_limited` with the time until it has enough again.
    pub fn take_from(&self, address: IpAddr, source: Source) -> Result<(), Refusal> {
        if self.on { self.addresses[source as usize].take(&address) } else { Ok(()) }
    }

    /// Whether the room may hear now that `user` is writing: twice in a row, then once in three seconds.
    #[must_use]
    pub fn may_type(&self, user: UserId, room: i64) -> bool {
        !self.on || self.typing.take(&(user, room)).is_ok()
    }

    /// Forgets whose buckets are full again. Without this they would grow for ever.
    pub fn forget_idle(&self) {
        self.users.iter().for_each(Bucket::forget_idle);
        self.addresses.iter().for_each(Bucket::forget_idle);
        self.typing.forget_idle();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_sort_has_the_bucket_of_its_place() {
        assert!(Cost::ALL.iter().enumerate().all(|(place, cost)| *cost as usize == place));
        assert!(Source::ALL.iter().enumerate().all(|(place, source)| *source as usize == place));
        let rates = Rates::new(true);
        for _ in 0..10 {
            rates.take(1, Cost::Search).unwrap();
        }
        assert!(rates.take(1, Cost::Search).is_err() && rates.take(1, Cost::Ask).is_ok());
        assert!(rates.take(2, Cost::Search).is_ok() && Rates::new(false).take(1, Cost::Search).is_ok());
    }
}
