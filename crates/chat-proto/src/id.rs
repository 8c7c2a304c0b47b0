//! Numbers with a meaning. Each kind has its own type, so that the compiler rejects swapped arguments.

use std::fmt;
use std::num::ParseIntError;
use std::ops::{Add, Sub};
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// Declares a number that is printed, parsed and serialized as its digits.
macro_rules! number {
    ($(#[$doc:meta])* $name:ident($of:ty)) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub $of);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = ParseIntError;

            fn from_str(digits: &str) -> Result<Self, ParseIntError> {
                digits.parse().map(Self)
            }
        }
    };
}

number! {
    /// A user's number, which is never reused.
    UserId(i64)
}

number! {
    /// An event's number in its room: 1, 2, 3, without gaps, never reused. It stays below 2^53, because browsers read it
    /// as a JSON number.
    Seq(u64)
}

number! {
    /// A time, in milliseconds since the Unix epoch (UTC).
    Millis(i64)
}

impl Seq {
    /// The seq before the first event.
    pub const ZERO: Self = Self(0);

    /// Returns the seq after this one.
    #[must_use]
    pub const fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }

    /// Returns the seq before this one, or zero.
    #[must_use]
    pub const fn prev(self) -> Self {
        Self(self.0.saturating_sub(1))
    }
}

impl Millis {
    /// A time later than all others.
    pub const MAX: Self = Self(i64::MAX);
}

/// Saturates, like the other operations: times come from strangers and from clocks that are wrong.
impl Add<i64> for Millis {
    type Output = Self;

    fn add(self, millis: i64) -> Self {
        Self(self.0.saturating_add(millis))
    }
}

impl Sub<i64> for Millis {
    type Output = Self;

    fn sub(self, millis: i64) -> Self {
        Self(self.0.saturating_sub(millis))
    }
}

/// Returns the milliseconds between two times.
impl Sub for Millis {
    type Output = i64;

    fn sub(self, earlier: Self) -> i64 {
        self.0.saturating_sub(earlier.0)
    }
}
