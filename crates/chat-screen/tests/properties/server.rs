//! A server with one room, as plain lists: what it has, and what its pages say.

use chat_proto::event::{Message, Reacted, Reaction};
use chat_proto::reply::Joined;
use chat_proto::room::{JoinedRoom, Mine, RoomKind};
use chat_proto::user::User;
use chat_proto::{Event, Millis, Reply, Seq, UserId, What};
use chat_screen::msg::Ask;

/// The only room.
pub(super) const ROOM: &str = "general";

/// How many messages a page has.
const PAGE: usize = 5;

/// Something that happens in the room. The numbers choose among the messages there are.
#[derive(Clone, Debug)]
pub(super) enum Happens {
    Said(String),
    Topic,
    Edited(usize, String),
    Deleted(usize),
    Reacted(usize, bool),
    Pinned(usize, bool),
}

/// The events of the room in order, and the messages as they are now.
#[derive(Debug, Default)]
pub(super) struct Server {
    pub(super) log: Vec<Event>,
    pub(super) messages: Vec<Event>,
}

/// The number of the nth event, from 1.
fn seq(n: usize) -> Seq {
    Seq(n as u64)
}

fn time(n: usize) -> Millis {
    // Every 20th begins another hour.
    Millis(1_700_000_000_000 + (n / 20) as i64 * 3_600_000)
}

fn author(n: usize) -> User {
    let id = UserId((n / 3 % 4) as i64);
    User { id, name: format!("user{id}") }
}

fn said(event: &mut Event) -> Option<&mut Message> {
    match &mut event.what {
        What::Message(message) => Some(message),
        _ => None,
    }
}

impl Server {
    pub(super) fn head(&self) -> Seq {
        seq(self.log.len())
    }

    pub(super) fn happens(&mut self, happens: Happens) {
        let n = self.log.len() + 1;
        let what = match happens {
            Happens::Said(text) => What::Message(Message { text, ..Message::default() }),
            Happens::Topic => What::Topic { topic: format!("topic {n}") },
            _ => match self.change(happens, &author(n)) {
                Some(what) => what,
                None => return,
            },
        };
        let event = Event { room: ROOM.to_owned(), seq: seq(n), at: time(n), by: author(n), what };
        if matches!(event.what, What::Message(_)) {
            self.messages.push(event.clone());
        }
        self.log.push(event);
    }

    /// Changes a message. Does nothing if there is none, or if it is deleted.
    fn change(&mut self, happens: Happens, by: &User) -> Option<What> {
        let (Happens::Edited(nth, _)
        | Happens::Deleted(nth)
        | Happens::Reacted(nth, _)
        | Happens::Pinned(nth, _)) = &happens
        else {
            return None;
        };
        let nth = nth.checked_rem(self.messages.len())?;
        let target = self.messages[nth].seq;
        let message = said(&mut self.messages[nth]).filter(|message| !message.deleted)?;
        Some(match happens {
            Happens::Edited(_, text) => {
                (message.text, message.edited_at) = (text.clone(), Some(time(0)));
                What::Edited { target, text, html: None, mentions: Vec::new() }
            }
            Happens::Deleted(_) => {
                *message = Message { deleted: true, ..Message::default() };
                What::Deleted { target }
            }
            Happens::Pinned(_, on) => {
                message.pinned = on;
                if on { What::Pinned { target } } else { What::Unpinned { target } }
            }
            Happens::Reacted(_, on) => {
                react(message, &by.name, on);
                let reacted = Reacted { target, emoji: "👍".to_owned() };
                if on { What::Reacted(reacted) } else { What::Unreacted(reacted) }
            }
            Happens::Said(_) | Happens::Topic => return None,
        })
    }

    /// What the server answers now.
    pub(super) fn answer(&self, ask: &Ask) -> Option<Reply> {
        let messages = &self.messages;
        let (from, to) = match ask {
            Ask::Join { .. } => return Some(Reply::Joined(Box::new(self.joined()))),
            Ask::Older(_, before) => {
                let end = messages.partition_point(|message| message.seq < *before);
                (end.saturating_sub(PAGE), end)
            }
            Ask::Around(_, around) => {
                let at = messages.partition_point(|message| message.seq < *around);
                (at.saturating_sub(PAGE / 2), (at + PAGE / 2 + 1).min(messages.len()))
            }
            _ => return None,
        };
        Some(Reply::Messages { room: ROOM.to_owned(), messages: messages[from..to].to_vec(), more: from > 0 })
    }

    fn joined(&self) -> Joined {
        let newest = self.messages[self.messages.len().saturating_sub(PAGE)..].to_vec();
        let (kind, mine) = (RoomKind::Public, Mine::default());
        let room = JoinedRoom { name: ROOM.to_owned(), kind, topic: String::new(), head: self.head(), mine };
        Joined { room, online: None, online_count: 1, events: None, messages: Some(newest) }
    }
}

fn react(message: &mut Message, user: &str, on: bool) {
    let mut users = message.reactions.pop().map_or(Vec::new(), |reaction| reaction.users);
    users.retain(|known| known != user);
    if on {
        users.push(user.to_owned());
    }
    if !users.is_empty() {
        message.reactions.push(Reaction { emoji: "👍".to_owned(), count: users.len() as u64, users });
    }
}
