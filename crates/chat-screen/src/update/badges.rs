//! The badges: unread messages and mentions, by the rule of [`chat_proto::counts`]. Every change to what they depend
//! on goes through this module.

use chat_proto::Seq;
use chat_proto::event::{Event, What};
use chat_proto::reply::Joined;
use chat_proto::room::RoomSummary;

use super::rooms;
use crate::model::{Model, Popup, Room, Status};
use crate::msg::{Ask, Effect, one};

/// How long the newest message must be on the screen to count as read, in milliseconds.
const READ_AFTER_MS: i64 = 700;

/// Changes a room's tally, and its badges with it.
fn change(model: &mut Model, name: &str, change: impl FnOnce(&mut Room)) {
    let Some(room) = model.rooms.get_mut(name) else { return };
    change(room);
    room.recount();
    model.listing.is_wanted |= room.tally.must_ask();
}

/// Takes the server's counts at the start of a connection.
pub(super) fn welcome(model: &mut Model, summary: &RoomSummary) {
    change(model, &summary.name, |room| {
        room.tally.welcome(summary);
        room.seen = Seq::ZERO;
    });
}

/// Takes an event of a joined room.
pub(super) fn event(model: &mut Model, event: &Event) {
    let Some(me) = model.me.clone() else { return };
    let shown = model.current.as_ref() == Some(&event.room);
    let reading = shown && is_reading(model);
    change(model, &event.room, |room| {
        room.tally.heard(event, &me);
        if !matches!(event.what, What::Message(_)) || event.by.id == me.id {
            return;
        }
        if reading && room.unread == 0 {
            room.seen = event.seq;
        } else if shown && room.unread == 0 && room.divider.is_none() && event.seq > room.read {
            room.divider = Some(event.seq.prev());
        }
    });
}

/// Handles a join, or a room's newest messages.
pub(super) fn joined(model: &mut Model, joined: &Joined) {
    let Some(me) = model.me.clone() else { return };
    let head = joined.room.head;
    change(model, &joined.room.name, |room| {
        if !room.tally.is_known() {
            room.tally.begin(head);
        }
        if let Some(messages) = &joined.messages {
            room.tally.page(messages, head, &me);
        }
    });
}

/// Takes a read mark from another device.
pub(super) fn moved(model: &mut Model, name: &str, seq: Seq) {
    change(model, name, |room| {
        if seq < room.read {
            (room.seen, room.left_unread) = (Seq::ZERO, room.head.max(room.timeline.last_seq()));
        }
        room.tally.moved(seq);
    });
}

/// Drops everything before `head`.
pub(super) fn reset(model: &mut Model, name: &str, head: Seq) {
    change(model, name, |room| {
        room.head = head;
        room.tally.reset(head);
    });
}

/// Marks everything up to `seq` as read.
fn read(model: &mut Model, name: &str, seq: Seq) -> Effect {
    change(model, name, |room| room.tally.send(seq));
    Ask::Read(name.to_owned(), seq).into()
}

/// Handles the reply to a read mark.
pub(super) fn was_read(model: &mut Model, name: &str, seq: Seq, is_taken: bool) {
    change(model, name, |room| room.tally.sent(seq, is_taken));
}

/// Makes messages new again that arrived while the person was looking and are not marked as read: the person is
/// looking elsewhere now.
pub(super) fn looked_away(model: &mut Model) {
    let name = model.current.clone().unwrap_or_default();
    if !is_reading(model) && model.room().is_some_and(|room| room.seen > room.read) {
        change(model, &name, |room| room.seen = Seq::ZERO);
    }
}

/// Requests the server's counts if only the server knows them: one request at a time, and not too often.
pub(super) fn ask(model: &mut Model) -> Option<Effect> {
    let due = model.listing.due().filter(|_| model.status == Status::Live)?;
    (due <= model.now).then(|| Ask::Rooms { show: false }.into())
}

/// Notes that the counts were requested.
pub(super) fn asked(model: &mut Model, show: bool) {
    model.listing.ask(model.now, show);
    model.rooms.values_mut().for_each(|room| room.tally.ask());
}

/// Notes that the last page arrived, or that none will come.
fn answered(model: &mut Model, show: bool) -> Vec<RoomSummary> {
    model.rooms.values_mut().for_each(|room| room.tally.answered());
    model.listing.take(show)
}

/// Notes that the request failed.
pub(super) fn failed(model: &mut Model, show: bool) {
    answered(model, show);
    model.listing.is_wanted = true;
}

/// Handles a page of the list of all rooms.
pub(super) fn page(model: &mut Model, rooms: Vec<RoomSummary>, more: bool, show: bool) -> Vec<Effect> {
    for summary in rooms.iter().filter(|summary| summary.joined) {
        change(model, &summary.name, |room| room.tally.told(summary));
    }
    if let Some(after) = model.listing.page(rooms, more, show) {
        return one(Ask::MoreRooms { show, after });
    }
    let rooms = answered(model, show);
    model.other_rooms.clear();
    for room in rooms.iter().filter(|room| !room.joined) {
        model.add_other_room(room.name.clone());
    }
    if show {
        rooms::list(model, &rooms);
    }
    Vec::new()
}

/// Whether the newest message of the room is on the screen and the person is looking.
fn is_reading(model: &Model) -> bool {
    let covered = matches!(model.popup, Some(Popup::Form(_)));
    model.attention.sees(model.now)
        && !covered
        && model
            .room()
            .is_some_and(|room| room.timeline.loaded && !room.timeline.is_apart && room.timeline.at_newest())
}

/// Sets the read mark once the newest message was on the screen for a moment.
pub(super) fn mark_read(model: &mut Model) -> Option<Effect> {
    let (reading, now, name) = (is_reading(model), model.now, model.current.clone()?);
    let due = model.read_due;
    let room = model.room_mut()?;
    let newest = room.timeline.last_seq().max(room.head);
    if !reading || newest <= room.read.max(room.left_unread) {
        model.read_due = None;
        return None;
    }
    match due {
        None => {
            model.read_due = Some(now + READ_AFTER_MS);
            None
        }
        Some(at) if at > now => None,
        Some(_) => {
            model.read_due = None;
            Some(read(model, &name, newest))
        }
    }
}
