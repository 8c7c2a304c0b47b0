//! Publishes a commit: delivers its events, applies its consequences, and answers its callers.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use chat_proto::command::Format;
use chat_proto::error::Refusal;
use chat_proto::event::{Change, Event, MemberChange, What};
use chat_proto::reply::{Joined, Reply};
use chat_proto::room::{Mine, RoomKind};
use chat_proto::{Millis, ServerFrame, Signal};

use super::Hub;
use crate::id::{RoomId, SessionId};
use crate::metrics::Metrics;
use crate::receipt::Receipt;
use crate::render;
use crate::room::Written;
use crate::send_queue::End;
use crate::store::consequence::Sight;
use crate::store::{Admission, Commit, Consequence, Moment, Position, ReplySlot, RoomRow};
use crate::viewer::Viewer;
use crate::wire;

impl Hub {
    /// Publishes a commit. MUST be called for every commit, in order.
    pub fn publish(&self, mut commit: Commit<Receipt>, metrics: &Metrics) {
        if commit.is_empty() {
            return;
        }
        let consequences = std::mem::take(&mut commit.consequences);
        // New rooms are added and returning users are subscribed before anything is delivered.
        for (_, consequence) in &consequences {
            match consequence {
                Consequence::RoomOpened(row) => self.open_room(row),
                Consequence::DirectOpened { admission, mine, messages } => {
                    self.open_direct(admission, mine, messages);
                }
                _ => {}
            }
        }
        let mut written = std::mem::take(&mut commit.written);
        for one in &written {
            if let Some((_, What::Deleted { target } | What::Edited { target, .. })) = &one.event {
                self.tallies.change(one.room, *target);
            }
        }
        let later = take_scattered(&mut written);
        for (id, written) in by_room(written) {
            match self.room(id) {
                Some(room) => room.deliver(written, metrics, &self.output),
                None => {
                    // Drafts that were refused because the room was removed have no room.
                    if written.iter().any(|one| one.event.is_some()) {
                        tracing::error!(
                            room = id.0,
                            "an event was committed to a room that is not in memory"
                        );
                    }
                    for Written { slot, outcome, .. } in written {
                        if let Some(receipt) = slot {
                            receipt.answer(outcome);
                        }
                    }
                }
            }
        }
        for (moment, consequence) in consequences {
            self.take_effect(moment, consequence);
        }
        for (receipt, outcome) in later {
            metrics.refused_commands.inc_by(u64::from(outcome.is_err()));
            if let Some(queue) = receipt.fill(outcome.map(|position| (position.seq, position.at))) {
                queue.flush_answers();
            }
        }
        commit.answer();
    }

    fn open_room(&self, row: &RoomRow) {
        self.add_room(row.clone());
        if row.kind == RoomKind::Public {
            let opened = Signal::Room {
                room: row.name.clone(),
                kind: row.kind,
                topic: row.topic.clone(),
                head: row.head,
            };
            let frame = wire::text(&ServerFrame::Signal(opened));
            for viewer in self.sessions_where(|_| true) {
                viewer.queue.push_signal(&frame);
            }
        }
    }

    fn take_effect(&self, moment: Moment, consequence: Consequence) {
        match consequence {
            Consequence::RoomOpened(_) | Consequence::DirectOpened { .. } => {}
            Consequence::RoomRemoved { room, at, why } => self.close_room(room, at, why),
            Consequence::SightChanged { room, user, to } => {
                if let Some(room) = self.room(room) {
                    room.set_sight(user, to);
                }
            }
            Consequence::Left { room, user } => {
                if let Some(room) = self.room(room) {
                    room.remove(user, moment);
                }
            }
            Consequence::LoginsEnded { user, which, caller } => {
                let ended = self.sessions_where(|viewer| {
                    user.is_none_or(|user| viewer.me.id == user) && which.contains(&viewer.login())
                });
                end(ended, caller, End::Revoked);
            }
            Consequence::LoginReplaced { user, from, to } => {
                for viewer in self.sessions_of(user).iter().filter(|viewer| viewer.login() == from) {
                    viewer.set_login(to.clone());
                }
            }
            Consequence::Renamed { user } => end(self.sessions_of(user), None, End::Again),
            Consequence::Banned { user, networks, spared, refusal } => {
                let banned = self.sessions_where(|viewer| {
                    let address = viewer.address.to_canonical();
                    Some(viewer.me.id) == user
                        || (!spared.contains(&viewer.me.id)
                            && networks.iter().any(|net| net.contains(&address)))
                });
                let error = wire::text(&ServerFrame::Reply { id: None, reply: refusal.into() });
                for viewer in banned {
                    viewer.queue.end_after(&error, End::Banned);
                }
            }
            Consequence::Signalled { user, except, signal } => self.signal_user(user, except, signal),
            Consequence::ContentsDiscarded => self.discarded.notify_one(),
        }
    }

    /// Unsubscribes everyone from a removed room. Each member sees it as their own departure, which every client
    /// understands.
    fn close_room(&self, id: RoomId, at: Millis, why: Option<String>) {
        let Some(room) = self.remove_room(id) else { return };
        room.close();
        let seq = room.head().next();
        let notice = why.map(|text| {
            let notice = Signal::Notice { code: "room_deleted".to_owned(), text, room: None };
            wire::text(&ServerFrame::Signal(notice))
        });
        for viewer in self.sessions_where(|viewer| room.subscription(viewer.session).is_some()) {
            let left = MemberChange::new(viewer.user.clone(), Change::Left);
            let (by, what) = (viewer.user.clone(), What::Member(left));
            let left = ServerFrame::Event(Event { room: room.name.clone(), seq, at, by, what });
            viewer.unsubscribe(&room);
            viewer.queue.push_events(&[wire::text(&left)]);
            if let Some(notice) = &notice {
                viewer.queue.push_signal(notice);
            }
        }
    }

    /// Subscribes the other user of a direct room, and notifies their sessions.
    fn open_direct(&self, admission: &Admission, mine: &Mine, messages: &[Event]) {
        let Some(room) = self.room(admission.room()) else { return };
        room.set_sight(admission.user(), Sight::Member);
        let sessions = self.sessions_of(admission.user());
        let subscribed: Vec<_> =
            sessions.into_iter().filter_map(|one| Some((one.subscribe(&room, admission)?, one))).collect();
        let (online, online_count) = room.online();
        for (head, session) in subscribed {
            let mut messages = messages.to_vec();
            if session.format == Format::Html {
                messages.iter_mut().for_each(render::event);
            }
            let joined = Joined {
                room: room.joined_room(head, mine.clone()),
                online: online.clone(),
                online_count,
                events: None,
                messages: Some(messages),
            };
            let frame = wire::text(&ServerFrame::Reply { id: None, reply: Reply::Joined(Box::new(joined)) });
            session.queue.push_events(&[frame]);
        }
    }
}

/// Ends sessions. The caller's own session ends after it got its answer.
fn end(sessions: Vec<Arc<Viewer>>, caller: Option<SessionId>, why: End) {
    for viewer in sessions {
        if Some(viewer.session) == caller {
            viewer.leave_after_reply();
        } else {
            viewer.queue.end(why);
        }
    }
}

/// Answers that are given after everything was delivered.
type Later = Vec<(Receipt, Result<Position, Refusal>)>;

/// Removes the receipts of authors who wrote to several rooms, and returns them with their answers. Rooms are
/// delivered one after another, but a session is answered in the order of its commands.
fn take_scattered(written: &mut [Written]) -> Later {
    let Some(first) = written.first() else { return Vec::new() };
    if written.iter().all(|one| one.room == first.room) {
        return Vec::new();
    }
    let mut rooms: HashMap<usize, RoomId> = HashMap::new();
    let mut scattered = HashSet::new();
    for one in written.iter() {
        if let Some(receipt) = &one.slot
            && *rooms.entry(receipt.owner()).or_insert(one.room) != one.room
        {
            scattered.insert(receipt.owner());
        }
    }
    if scattered.is_empty() {
        return Vec::new();
    }
    let is_scattered = |receipt: &mut Receipt| scattered.contains(&receipt.owner());
    let mut take = |one: &mut Written| Some((one.slot.take_if(is_scattered)?, one.outcome.clone()));
    written.iter_mut().filter_map(&mut take).collect()
}

/// Groups events by room, each room's in order.
fn by_room(commit: Vec<Written>) -> Vec<(RoomId, Vec<Written>)> {
    let mut places: HashMap<RoomId, usize> = HashMap::new();
    let mut rooms: Vec<(RoomId, Vec<Written>)> = Vec::new();
    for written in commit {
        let id = written.room;
        let place = *places.entry(id).or_insert_with(|| {
            rooms.push((id, Vec::new()));
            rooms.len() - 1
        });
        rooms[place].1.push(written);
    }
    rooms
}
