//! The messages of one room that are in flight, by seq.

use std::collections::VecDeque;

/// How many are remembered, if nobody waits until everyone has them.
const REMEMBERED: usize = 65_536;

/// A message in flight.
#[derive(Clone, Copy, Default)]
pub(crate) struct Flight {
    /// When it should have been sent. `None` until a recipient reported that, or if it is not one of our messages.
    pub(crate) sent: Option<u64>,
    /// How many have it. The author's acknowledgement counts as one more.
    pub(crate) arrived: u32,
    /// The connection that wrote it.
    pub(crate) author: u32,
    /// Whether its text was checked.
    pub(crate) is_read: bool,
}

#[derive(Default)]
pub(crate) struct Flights {
    /// The seq of the first one.
    base: u64,
    flights: VecDeque<Flight>,
}

impl Flights {
    /// Returns the flight with that seq, or `None` if it is over.
    pub(crate) fn at(&mut self, seq: u64) -> Option<&mut Flight> {
        if self.flights.is_empty() {
            self.base = self.base.max(seq);
        }
        let place = usize::try_from(seq.checked_sub(self.base)?).ok()?;
        if place >= self.flights.len() {
            self.flights.resize(place + 1, Flight::default());
            while self.flights.len() > REMEMBERED {
                self.flights.pop_front();
                self.base += 1;
            }
            return self.flights.back_mut();
        }
        self.flights.get_mut(place)
    }

    /// Removes messages that everyone has.
    pub(crate) fn land(&mut self, everyone: u32) {
        while self.flights.front().is_some_and(|flight| flight.arrived >= everyone) {
            self.flights.pop_front();
            self.base += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_landed_is_over_and_the_rest_keeps_its_place() {
        let mut flights = Flights::default();
        flights.at(7).unwrap().arrived = 2;
        flights.at(9).unwrap().author = 5;
        flights.at(8).unwrap().arrived = 2;
        flights.land(2);
        assert!(flights.at(7).is_none() && flights.at(8).is_none());
        assert_eq!(flights.at(9).unwrap().author, 5);
    }
}
