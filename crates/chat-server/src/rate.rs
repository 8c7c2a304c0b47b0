//! Rate limits for users and addresses.

use std::net::IpAddr;

use chat_proto::error::Refusal;
use chat_proto::{ErrorCode, UserId};

use crate::clock::Clock;
use crate::id::RoomId;
use crate::limiter::{Limiter, Quota};

/// The maximum number of rooms that guests from one address can create in a day.
pub const ROOMS_A_DAY: u32 = 100;

const DAY_S: u32 = 24 * 60 * 60;

/// What a user does, grouped by cost. Each has its own limit.
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
    /// An invitation, which notifies someone: one a second, 30 at once.
    Invite,
    /// A typing signal: 10 a second, 50 at once.
    Type,
    /// A hello: 2 a second, 64 at once.
    Hello,
    /// Anything else: 50 a second, 200 at once.
    Ask,
}

impl Cost {
    /// All costs, in order.
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
            Self::Write => Quota::per_second(20, 100),
            Self::Search => Quota::per_second(2, 10),
            Self::Upload => Quota::per_second(2, 30),
            Self::Create => Quota::every(10, 10),
            Self::List => Quota::per_second(2, 20),
            Self::Invite => Quota::per_second(1, 30),
            Self::Type => Quota::per_second(10, 50),
            Self::Hello => Quota::per_second(2, 64),
            Self::Ask => Quota::per_second(50, 200),
        }
    }
}

/// What counts for an address, because anyone can be any number of users.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// A hello, before its user is known: 20 a second, and 1,024 at once, because all connections of an address may resume
    /// together.
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
    /// All sources, in order.
    const ALL: [Self; 5] = [Self::Arrival, Self::Guest, Self::Upload, Self::Mebibyte, Self::Room];

    fn quota(self) -> Quota {
        match self {
            Self::Arrival => Quota::per_second(20, 1024),
            Self::Guest => Quota::per_second(2, 100),
            Self::Upload => Quota::per_second(5, 100),
            Self::Mebibyte => Quota::every(10, 4096),
            Self::Room => Quota::every(DAY_S / ROOMS_A_DAY, ROOMS_A_DAY),
        }
    }
}

/// The limiters.
pub struct Rates {
    /// By [`Cost`].
    users: [Limiter<UserId>; Cost::ALL.len()],
    /// By [`Source`].
    addresses: [Limiter<IpAddr>; Source::ALL.len()],
    /// By user and room.
    typing: Limiter<(UserId, RoomId)>,
    on: bool,
    clock: Clock,
}

/// Returns the refusal if there is a token in `wait` milliseconds.
fn too_fast(wait: i64) -> Refusal {
    let ms = wait.unsigned_abs() + 1;
    let why = format!("That was too fast. Try again in {} s.", ms.div_ceil(1000));
    Refusal { retry_after_ms: Some(ms), ..Refusal::new(ErrorCode::RateLimited, why) }
}

impl Rates {
    /// Creates limits of which nothing is used up. Without `on`, nothing is ever refused.
    #[must_use]
    pub fn new(on: bool, clock: Clock) -> Self {
        Self {
            users: Cost::ALL.map(|cost| Limiter::new(cost.quota())),
            addresses: Source::ALL.map(|source| Limiter::new(source.quota())),
            typing: Limiter::new(Quota::every(3, 2)),
            on,
            clock,
        }
    }

    /// Whether limits are in force.
    #[must_use]
    pub fn on(&self) -> bool {
        self.on
    }

    /// Counts an action of a user.
    ///
    /// # Errors
    /// `rate_limited`, with when to try again.
    pub fn take(&self, user: UserId, cost: Cost) -> Result<(), Refusal> {
        if !self.on {
            return Ok(());
        }
        self.users[cost as usize].take(&user, &self.clock).map_err(too_fast)
    }

    /// Counts an action from an address.
    ///
    /// # Errors
    /// `rate_limited`, with when to try again.
    pub fn take_from(&self, address: IpAddr, source: Source) -> Result<(), Refusal> {
        if !self.on {
            return Ok(());
        }
        self.addresses[source as usize].take(&address, &self.clock).map_err(too_fast)
    }

    /// Whether the room may be told now that `user` is typing: twice in a row, then once in three seconds.
    #[must_use]
    pub fn may_type(&self, user: UserId, room: RoomId) -> bool {
        !self.on || self.typing.take(&(user, room), &self.clock).is_ok()
    }

    /// Frees memory that is not needed for any count.
    pub fn forget_idle(&self) {
        self.users.iter().for_each(|limiter| limiter.forget_full(&self.clock));
        self.addresses.iter().for_each(|limiter| limiter.forget_full(&self.clock));
        self.typing.forget_full(&self.clock);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_has_a_limit_of_its_own() {
        assert!(Cost::ALL.iter().enumerate().all(|(index, cost)| *cost as usize == index));
        assert!(Source::ALL.iter().enumerate().all(|(index, source)| *source as usize == index));
        let rates = Rates::new(true, Clock::new(|| 0));
        for _ in 0..10 {
            rates.take(UserId(1), Cost::Search).unwrap();
        }
        assert!(rates.take(UserId(1), Cost::Search).is_err() && rates.take(UserId(1), Cost::Ask).is_ok());
        assert!(
            rates.take(UserId(2), Cost::Search).is_ok()
                && Rates::new(false, Clock::new(|| 0)).take(UserId(1), Cost::Search).is_ok()
        );
    }
}
