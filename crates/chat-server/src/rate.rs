//! How often one may ask: a bucket for each sort of command, kept per user or per address.

use std::hash::Hash;
use std::net::IpAddr;
use std::num::NonZeroU32;

use chat_proto::error::Refusal;
use chat_proto::{ErrorCode, UserId};
use governor::clock::{Clock, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};

/// Most rooms that guests from one address make in a day.
const ROOMS_A_DAY: u32 = 100;

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

/// The buckets.
pub struct Rates {
    writes: Bucket<UserId>,
    creates: Bucket<UserId>,
    searches: Bucket<UserId>,
    uploads: Bucket<UserId>,
    asks: Bucket<UserId>,
    lists: Bucket<UserId>,
    invites: Bucket<UserId>,
    types: Bucket<UserId>,
    hellos: Bucket<UserId>,
    /// Hellos by address, before anyone knows whose they are.
    arrivals: Bucket<IpAddr>,
    /// By user and room number.
    typing: Bucket<(UserId, i64)>,
    guests: Bucket<IpAddr>,
    uploads_by_address: Bucket<IpAddr>,
    /// New rooms of guests.
    rooms: Bucket<IpAddr>,
    /// Of uploads.
    mebibytes: Bucket<IpAddr>,
    on: bool,
}

struct Bucket<K: Hash + Eq + Clone>(DefaultKeyedRateLimiter<K>);

impl<K: Hash + Eq + Clone> Bucket<K> {
    fn new(quota: Quota, burst: u32) -> Self {
        Self(RateLimiter::keyed(quota.allow_burst(NonZeroU32::new(burst).unwrap_or(NonZeroU32::MIN))))
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
        let per_second = |n| Quota::per_second(NonZeroU32::new(n).unwrap_or(NonZeroU32::MIN));
        let every = |seconds| {
            Quota::with_period(std::time::Duration::from_secs(seconds)).unwrap_or_else(|| per_second(1))
        };
        Self {
            writes: Bucket::new(per_second(20), 100),
            creates: Bucket::new(every(10), 10),
            searches: Bucket::new(per_second(2), 10),
            uploads: Bucket::new(per_second(2), 30),
            asks: Bucket::new(per_second(50), 200),
            lists: Bucket::new(per_second(2), 20),
            invites: Bucket::new(per_second(1), 30),
            types: Bucket::new(per_second(10), 50),
            hellos: Bucket::new(per_second(2), 64),
            // All connections of an address can come back at once.
            arrivals: Bucket::new(per_second(20), 1024),
            typing: Bucket::new(every(3), 2),
            guests: Bucket::new(per_second(2), 100),
            uploads_by_address: Bucket::new(per_second(5), 100),
            rooms: Bucket::new(every(DAY_S / u64::from(ROOMS_A_DAY)), ROOMS_A_DAY),
            mebibytes: Bucket::new(every(10), 4096),
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
        if !self.on {
            return Ok(());
        }
        match cost {
            Cost::Write => self.writes.take(&user),
            Cost::Create => self.creates.take(&user),
            Cost::Search => self.searches.take(&user),
            Cost::Upload => self.uploads.take(&user),
            Cost::Ask => self.asks.take(&user),
            Cost::List => self.lists.take(&user),
            Cost::Invite => self.invites.take(&user),
            Cost::Type => self.types.take(&user),
            Cost::Hello => self.hellos.take(&user),
        }
    }

    /// Whether the room may hear now that `user` is writing: twice in a row, then once in three seconds.
    #[must_use]
    pub fn may_type(&self, user: UserId, room: i64) -> bool {
        !self.on || self.typing.take(&(user, room)).is_ok()
    }

    /// Takes one hello from an address: 20 a second, 1,024 at once.
    ///
    /// # Errors
    /// `rate_limited` with the time until another may come.
    pub fn take_arrival(&self, address: IpAddr) -> Result<(), Refusal> {
        if self.on { self.arrivals.take(&address) } else { Ok(()) }
    }

    /// Takes one new guest from an address: two a second, 100 at once.
    ///
    /// # Errors
    /// `rate_limited` with the time until another may come.
    pub fn take_guest(&self, address: IpAddr) -> Result<(), Refusal> {
        if self.on { self.guests.take(&address) } else { Ok(()) }
    }

    /// Takes an upload from an address: 5 a second, 100 at once.
    ///
    /// # Errors
    /// `rate_limited` with the time until another may come.
    pub fn take_upload(&self, address: IpAddr) -> Result<(), Refusal> {
        if self.on { self.uploads_by_address.take(&address) } else { Ok(()) }
    }

    /// Takes a new room of a guest from an address: [`ROOMS_A_DAY`] at once, and as many a day.
    ///
    /// # Errors
    /// `rate_limited` with the time until there may be another.
    pub fn take_room(&self, address: IpAddr) -> Result<(), Refusal> {
        if !self.on {
            return Ok(());
        }
        self.rooms.take(&address).map_err(|refusal| {
            let minutes = refusal.retry_after_ms.unwrap_or_default().div_ceil(60_000);
            let message = format!(
                "Guests from your address have made {ROOMS_A_DAY} rooms within a day. Register to make more, or try \
                 again in {minutes} min."
            );
            Refusal { message, ..refusal }
        })
    }

    /// Takes a MiB of an upload from an address: one in ten seconds, 4,096 at once.
    ///
    /// # Errors
    /// `rate_limited` with the time until another may come.
    pub fn take_mebibyte(&self, address: IpAddr) -> Result<(), Refusal> {
        if self.on { self.mebibytes.take(&address) } else { Ok(()) }
    }

    /// Forgets whose buckets are full again. Without this they would grow for ever.
    pub fn forget_idle(&self) {
        self.writes.forget_idle();
        self.creates.forget_idle();
        self.searches.forget_idle();
        self.uploads.forget_idle();
        self.asks.forget_idle();
        self.lists.forget_idle();
        self.invites.forget_idle();
        self.types.forget_idle();
        self.hellos.forget_idle();
        self.arrivals.forget_idle();
        self.typing.forget_idle();
        self.guests.forget_idle();
        self.uploads_by_address.forget_idle();
        self.rooms.forget_idle();
        self.mebibytes.forget_idle();
    }
}
