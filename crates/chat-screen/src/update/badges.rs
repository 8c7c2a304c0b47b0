//! The badges: unread messages and mentions, by the rule of [`chat_proto::counts`]. Every change of what they follow
//! from comes through here.

use chat_proto::Seq;
use chat_proto::event::{Event, What};
use chat_proto::reply::Joined;
use chat_proto::room::RoomSummary;

use super::rooms;
use crate::model::{Model, Popup, Room, Status};
use crate::msg::{Ask, Effect, one};

/// How long the newest message must be on the screen to count as read, in milliseconds.
const READ_AFTER_MS: i64 = 700;

/// Changes what is known of a room, and what its badges say with it.
fn change(model: &mut Model, name: &str, change: impl FnOnce(&mut Room)) {
    let Some(room) = model.rooms.get_mut(name) else { return };
    change(room);
    room.recount();
    model.listing.is_wanted |= room.tally.must_ask();
}

/// The server's numbers at the beginning of a connection.
pub(super) fn welcome(model: &mut Model, summary: &RoomSummary) {
    change(model, &summary.name, |room| {
        room.tally.welcome(summary);
        room.seen = Seq::ZERO;
    });
}

/// An event of a room that one is in.
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

/// A room was entered, or its newest messages came.
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

/// The mark was moved on another device.
pub(super) fn moved(model: &mut Model, name: &str, seq: Seq) {
    change(model, name, |room| {
        if seq < room.read {
            (room.seen, room.left_unread) = (Seq::ZERO, room.head.max(room.timeline.last_seq()));
        }
        room.tally.moved(seq);
    });
}

/// What came before `head` is given up.
pub(super) fn reset(model: &mut Model, name: &str, head: Seq) {
    change(model, name, |room| {
        room.head = head;
        room.tally.reset(head);
    });
}

/// The person has read up to here.
fn read(model: &mut Model, name: &str, seq: Seq) -> Effect {
    change(model, name, |room| room.tally.send(seq));
    Ask::Read(name.to_owned(), seq).into()
}

/// The server answered to that.
pub(super) fn was_read(model: &mut Model, name: &str, seq: Seq, is_taken: bool) {
    change(model, name, |room| room.tally.sent(seq, is_taken));
}

/// What came while the person looked and is not marked yet is new after all: they look elsewhere now.
pub(super) fn looked_away(model: &mut Model) {
    let name = model.current.clone().unwrap_or_default();
    if !is_reading(model) && model.room().is_some_and(|room| room.seen > room.read) {
        change(model, &name, |room| room.seen = Seq::ZERO);
    }
}

/// Asks for the server's numbers if only it knows them: one question at a time, and not too often.
pub(super) fn ask(model: &mut Model) -> Option<Effect> {
    let due = model.listing.due().filter(|_| model.status == Status::Live)?;
    (due <= model.now).then(|| Ask::Rooms { show: false }.into())
}

/// The numbers were asked for.
pub(super) fn asked(model: &mut Model, show: bool) {
    model.listing.ask(model.now, show);
    model.rooms.values_mut().for_each(|room| room.tally.ask());
}

/// The last page is there, or none will come.
fn answered(model: &mut Model, show: bool) -> Vec<RoomSummary> {
    model.rooms.values_mut().for_each(|room| room.tally.answered());
    model.listing.take(show)
}

/// The numbers cannot be had now.
pub(super) fn failed(model: &mut Model, show: bool) {
    answered(model, show);
    model.listing.is_wanted = true;
}

/// A page of the list of all rooms.
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

/// Whether the person has the newest message of the room before their eyes.
fn is_reading(model: &Model) -> bool {
    let covered = matches!(model.popup, Some(Popup::Form(_)));
    model.attention.sees(model.now)
        && !covered
        && model
            .room()
            .is_some_and(|room| room.timeline.loaded && !room.timeline.is_apart && room.timeline.at_newest())
}

/// Sets the read mark once the newest message was looked at for a moment.
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
