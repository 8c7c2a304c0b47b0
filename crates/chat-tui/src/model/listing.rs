//! The list of all rooms, which the server tells page by page, and with it what the badges say.

use chat_proto::Millis;
use chat_proto::reply::RoomSummary;

/// How often it is asked for at most without the person's wish, in milliseconds.
const AGAIN_MS: Millis = 1000;

/// Most rooms of one listing; a server that goes on for ever is not followed.
const ROOMS: usize = 12_000;

/// See the module's description.
#[derive(Clone, Debug, Default)]
pub struct Listing {
    /// Whether the badges are to be asked for.
    pub is_wanted: bool,
    /// Whether an answer is on its way.
    pub is_asked: bool,
    asked_at: Millis,
    /// The pages so far.
    rooms: Vec<RoomSummary>,
}

impl Listing {
    /// It is asked for now.
    pub fn ask(&mut self, now: Millis) {
        (self.is_wanted, self.is_asked, self.asked_at) = (false, true, now);
        self.rooms.clear();
    }

    /// When it may be asked for again, if that is wanted.
    #[must_use]
    pub fn due(&self) -> Option<Millis> {
        (self.is_wanted && !self.is_asked).then_some(self.asked_at + AGAIN_MS)
    }

    /// Takes a page. Answers after which room the next one begins, if there is one.
    pub fn page(&mut self, page: Vec<RoomSummary>, more: bool) -> Option<String> {
        let before = self.rooms.last().map(|room| room.name.clone()).unwrap_or_default();
        self.rooms.extend(page);
        let last = self.rooms.last().map(|room| room.name.clone()).unwrap_or_default();
        (more && last > before && self.rooms.len() < ROOMS).then_some(last)
    }

    /// All pages, once the last one is there.
    pub fn take(&mut self) -> Vec<RoomSummary> {
        self.is_asked = false;
        std::mem::take(&mut self.rooms)
    }
}
