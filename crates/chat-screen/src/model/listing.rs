//! The list of all rooms, which the server tells page by page, and with it what the badges say.

use chat_proto::Millis;
use chat_proto::room::RoomSummary;

/// How often it is asked for at most without the person's wish, in milliseconds.
const AGAIN_MS: i64 = 1000;

/// Most rooms of one listing; a server that goes on for ever is not followed.
const ROOMS: usize = 12_000;

/// See the module's description.
#[derive(Clone, Debug, Default)]
pub struct Listing {
    /// Whether the badges are to be asked for.
    pub is_wanted: bool,
    /// How many answers are on their way.
    asked: u32,
    asked_at: Millis,
    /// The pages so far; those that the person asked for apart.
    rooms: [Vec<RoomSummary>; 2],
}

impl Listing {
    /// It is asked for now.
    pub fn ask(&mut self, now: Millis, show: bool) {
        (self.is_wanted, self.asked_at) = (false, now);
        self.asked += 1;
        self.rooms[usize::from(show)].clear();
    }

    /// When it may be asked for again, if that is wanted.
    #[must_use]
    pub fn due(&self) -> Option<Millis> {
        (self.is_wanted && self.asked == 0).then_some(self.asked_at + AGAIN_MS)
    }

    /// Takes a page. Answers after which room the next one begins, if there is one.
    pub fn page(&mut self, page: Vec<RoomSummary>, more: bool, show: bool) -> Option<String> {
        let rooms = &mut self.rooms[usize::from(show)];
        let before = rooms.last().map(|room| room.name.clone()).unwrap_or_default();
        rooms.extend(page);
        let last = rooms.last().map(|room| room.name.clone()).unwrap_or_default();
        (more && last > before && rooms.len() < ROOMS).then_some(last)
    }

    /// All pages, once the last one is there or will not come.
    pub fn take(&mut self, show: bool) -> Vec<RoomSummary> {
        self.asked = self.asked.saturating_sub(1);
        std::mem::take(&mut self.rooms[usize::from(show)])
    }
}
