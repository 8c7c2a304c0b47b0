//! Limits how much of a server's frame is used. A broken or hostile server may send anything that fits into a frame.
//! Behind this module every text and every list has a limit, so that showing them stays fast.
//!
//! The limits are far above the protocol's own. A text is cut and ends with [`CUT`], and the rest of a list is
//! dropped. A room whose name is too long is dropped as a whole, because a shortened name would be another room's.

mod events;
#[cfg(test)]
mod tests;

use chat_proto::limits;
use chat_proto::reply::{Failure, Joined, Welcome};
use chat_proto::room::{Member, Mine, RoomSummary};
use chat_proto::user::User;
use chat_proto::{ErrorCode, Reply, ServerFrame, Signal};

use self::events::event;

/// The maximum length of a message's text, in bytes.
pub const TEXT_BYTES: usize = 4 * limits::TEXT_BYTES;

/// The maximum length of any other text (a topic, a reason, a notice, an error message), in bytes.
pub const LINE_BYTES: usize = 2048;

/// The maximum length of the name of a user, a file or an emoji, in bytes.
pub const NAME_BYTES: usize = 256;

/// The maximum length of a room's name, in bytes.
pub const ROOM_NAME_BYTES: usize = 256;

/// The maximum number of rooms that the user is in.
pub const ROOMS_JOINED: usize = 2048;

/// The maximum number of rooms on a page of the room list.
pub const ROOMS_LISTED: usize = 2048;

/// The maximum number of events on a page.
pub const PAGE: usize = 5 * limits::PAGE;

/// The maximum number of people in one frame.
pub const PEOPLE: usize = 2 * limits::ONLINE_NAMES;

/// The maximum number of audit entries, and of logins.
pub const LINES: usize = 2048;

/// The end of a text that was cut.
pub const CUT: &str = " […]";

/// Returns the frame within the limits. `None` if it is about a room with an impossible name; a reply about such a
/// room becomes an error.
#[must_use]
pub fn bounded(mut frame: ServerFrame) -> Option<ServerFrame> {
    let is_taken = match &mut frame {
        ServerFrame::Event(happened) => {
            event(happened);
            is_room(&happened.room)
        }
        ServerFrame::Signal(news) => signal(news),
        ServerFrame::Reply { reply: answer, .. } => {
            if !reply(answer) {
                let why = "The server's answer names a room that cannot be.";
                *answer = Reply::Error(Failure::new(ErrorCode::Internal, why));
            }
            true
        }
    };
    is_taken.then_some(frame)
}

fn is_room(name: &str) -> bool {
    name.len() <= ROOM_NAME_BYTES
}

/// Cuts a text at a character boundary.
fn cut(text: &mut String, most: usize) {
    if text.len() > most {
        text.truncate(text.floor_char_boundary(most));
        text.push_str(CUT);
    }
}

fn cut_if_any(text: &mut Option<String>, most: usize) {
    if let Some(text) = text {
        cut(text, most);
    }
}

fn people(users: &mut Vec<User>) {
    users.truncate(PEOPLE);
    users.iter_mut().for_each(|user| cut(&mut user.name, NAME_BYTES));
}

fn mine(mine: &mut Mine) {
    if let Some(user) = &mut mine.user {
        cut(&mut user.name, NAME_BYTES);
    }
    if let Some(mute) = &mut mine.muted {
        cut_if_any(&mut mute.reason, LINE_BYTES);
    }
}

fn rooms(rooms: &mut Vec<RoomSummary>, most: usize) {
    rooms.retain(|room| is_room(&room.name));
    rooms.truncate(most);
    for room in rooms {
        cut(&mut room.topic, LINE_BYTES);
        mine(&mut room.mine);
    }
}

fn welcome(welcome: &mut Welcome) -> bool {
    cut(&mut welcome.user.name, NAME_BYTES);
    let server = &mut welcome.server;
    for text in [&mut server.name, &mut server.version] {
        cut(text, NAME_BYTES);
    }
    server.features.truncate(LINES);
    rooms(&mut welcome.rooms, ROOMS_JOINED);
    is_room(&server.default_room) && server.log.len() <= NAME_BYTES
}

fn joined(joined: &mut Joined) -> bool {
    cut(&mut joined.room.topic, LINE_BYTES);
    mine(&mut joined.room.mine);
    if let Some(online) = &mut joined.online {
        people(online);
    }
    for page in [&mut joined.events, &mut joined.messages].into_iter().flatten() {
        page.truncate(PAGE);
        page.iter_mut().for_each(event);
    }
    is_room(&joined.room.name)
}

fn member(member: &mut Member) {
    cut(&mut member.user.name, NAME_BYTES);
}

fn failure(failure: &mut Failure) {
    cut(&mut failure.message, LINE_BYTES);
}

fn reply(answer: &mut Reply) -> bool {
    match answer {
        Reply::Welcome(said) => return welcome(said),
        Reply::Joined(said) => return joined(said),
        Reply::Messages { messages, .. } => {
            messages.truncate(PAGE);
            messages.iter_mut().for_each(event);
        }
        Reply::Results { messages, .. } => {
            messages.truncate(PAGE);
            for found in messages {
                event(&mut found.event);
                cut(&mut found.snippet, LINE_BYTES);
            }
        }
        Reply::Rooms { rooms: listed, .. } => rooms(listed, ROOMS_LISTED),
        Reply::Members { members, .. } => {
            members.truncate(PEOPLE);
            members.iter_mut().for_each(member);
        }
        Reply::Audit { entries } => {
            entries.truncate(LINES);
            for entry in entries {
                for text in [&mut entry.by, &mut entry.action, &mut entry.target] {
                    cut(text, NAME_BYTES);
                }
                cut_if_any(&mut entry.room, ROOM_NAME_BYTES);
                cut_if_any(&mut entry.reason, LINE_BYTES);
            }
        }
        Reply::Sessions { sessions } => {
            sessions.truncate(LINES);
            for session in sessions {
                cut(&mut session.client, NAME_BYTES);
            }
        }
        Reply::Error(said) => failure(said),
        Reply::Ok(_) | Reply::Pong { .. } => {}
    }
    true
}

fn signal(news: &mut Signal) -> bool {
    match news {
        Signal::Typing { room, user } => {
            cut(&mut user.name, NAME_BYTES);
            is_room(room)
        }
        Signal::Presence { room, online, offline, .. } => {
            people(online);
            people(offline);
            is_room(room)
        }
        Signal::Notice { text, room, .. } => {
            cut(text, LINE_BYTES);
            room.as_deref().is_none_or(is_room)
        }
        Signal::Room { room, topic, .. } => {
            cut(topic, LINE_BYTES);
            is_room(room)
        }
        Signal::You { user } => {
            cut(&mut user.name, NAME_BYTES);
            true
        }
        Signal::Read { room, .. } | Signal::Reset { room, .. } => is_room(room),
        Signal::Goodbye { text, .. } => {
            cut(text, LINE_BYTES);
            true
        }
    }
}
