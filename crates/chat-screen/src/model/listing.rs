//! The list of all rooms, which the server sends page by page, and with it the numbers on the badges.

use chat_proto::Millis;
use chat_proto::room::RoomSummary;

/// The minimum time between two requests that the person did not make, in milliseconds.
const AGAIN_MS: i64 = 1000;

/// The maximum number of rooms in one listing: a server that never stops sending pages is not followed.
const ROOMS: usize = 12_000;

/// The state of the listing.
#[derive(Clone, Debug, Default)]
pub struct Listing {
    /// Whether the badges need to be requested.
    pub is_wanted: bool,
    /// The number of pending requests.
    asked: u32,
    asked_at: Millis,
    /// The pages so far. The second list is for requests by the person.
    rooms: [Vec<RoomSummary>; 2],
}

impl Listing {
    /// Notes that the list is requested.
    pub fn ask(&mut self, now: Millis, show: bool) {
        (self.is_wanted, self.asked_at) = (false, now);
        self.asked += 1;
        self.rooms[usize::from(show)].clear();
    }

    /// Returns when it may be requested again, if that is needed.
    #[must_use]
    pub fn due(&self) -> Option<Millis> {
        (self.is_wanted && self.asked == 0).then_some(self.asked_at + AGAIN_MS)
    }

    /// Adds a page. Returns the last room's name if another page follows.
    pub fn page(&mut self, page: Vec<RoomSummary>, more: bool, show: bool) -> Option<String> {
        let rooms = &mut self.rooms[usize::from(show)];
        let before = rooms.last().map(|room| room.name.clone()).unwrap_or_default();
        rooms.extend(page);
        let last = rooms.last().map(|room| room.name.clone()).unwrap_or_default();
        (more && last > before && rooms.len() < ROOMS).then_some(last)
    }

    /// Returns all pages, once the last one arrived or will not come.
    pub fn take(&mut self, show: bool) -> Vec<RoomSummary> {
        self.asked = self.asked.saturating_sub(1);
        std::mem::take(&mut self.rooms[usize::from(show)])
    }
}
