//! A room's live state: its head, its subscribers, and delivery. Only the writer assigns a seq, and only
//! [`Room::deliver`] sends an event to anyone.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::Duration;

use chat_proto::command::Format;
use chat_proto::event::{Change, Event, MemberChange, What};
use chat_proto::room::{JoinedRoom, Mine, Mute, RoomKind};
use chat_proto::user::User;
use chat_proto::{Seq, ServerFrame, Signal, UserId};
use parking_lot::{Mutex, MutexGuard};

use crate::id::{RoomId, SessionId};
use crate::metrics::Metrics;
use crate::output::Output;
use crate::presence::Presence;
use crate::receipt::Receipt;
use crate::render;
use crate::send_queue::SendQueue;
use crate::store::consequence::Sight;
use crate::store::{Admission, Moment, Position, RoomRef, RoomRow};
use crate::wire;

/// What was committed, with the answers that sessions wait for.
pub type Written = crate::store::Written<Receipt>;

/// How long changes of presence are collected before the room is notified.
const PRESENCE_EVERY: Duration = Duration::from_secs(1);

/// Frames of one delivery are pushed in pieces of about this size, so that a queue may accept only some of them.
const PIECE_BYTES: usize = 64 * 1024;

/// How many changed users are remembered. This must cover the time from when a session reads its memberships until it
/// subscribes.
const CHANGED: usize = 1024;

struct Subscriber {
    user: UserId,
    /// The moment at which its user was known to be a member.
    as_of: Moment,
    queue: Arc<SendQueue>,
    format: Format,
    /// Boxed, because hardly anyone is muted.
    mute: Option<Box<Mute>>,
}

/// The subscribers' queues, by requested format.
#[derive(Clone)]
struct Queues {
    text: Arc<[Arc<SendQueue>]>,
    html: Arc<[Arc<SendQueue>]>,
}

/// When users' permissions last changed, by a removal, a mute, or the end of a mute. Rejects admissions that were
/// read before.
#[derive(Default)]
struct Changed {
    at: HashMap<UserId, Moment>,
    /// The newest change that was forgotten. Admissions from before it are all rejected.
    forgotten: Moment,
}

impl Changed {
    fn note(&mut self, user: UserId, at: Moment) {
        // Events of a commit are applied before its consequences, which may belong to earlier acts.
        let newest = self.at.entry(user).or_default();
        *newest = at.max(*newest);
        if self.at.len() > CHANGED
            && let Some((user, at)) = self.at.iter().min_by_key(|(_, at)| **at).map(|(user, at)| (*user, *at))
        {
            self.at.remove(&user);
            self.forgotten = self.forgotten.max(at);
        }
    }

    fn rejects(&self, admission: &Admission) -> bool {
        let as_of = admission.as_of();
        as_of < self.forgotten || self.at.get(&admission.user()).is_some_and(|changed| *changed > as_of)
    }
}

struct State {
    topic: String,
    head: Seq,
    /// In order of arrival, which is roughly the order of the sockets in memory, so that a delivery has fewer cache
    /// misses.
    subscribers: BTreeMap<SessionId, Subscriber>,
    /// The subscribers' queues as a delivery visits them. `None` if subscribers changed since.
    queues: Option<Queues>,
    presence: Presence,
    changed: Changed,
    /// Whether a task is waiting to notify the room of changed presence.
    presence_due: bool,
}

/// The live state of one room.
pub struct Room {
    /// Its id in the database.
    pub id: RoomId,
    /// Its name.
    pub name: String,
    /// Who may join.
    pub kind: RoomKind,
    /// The seq below its first event. A lower cursor belongs to an earlier room with this name.
    pub start: Seq,
    /// Who sees the room, unless it is public.
    seen_by: Mutex<HashMap<UserId, Sight>>,
    state: Mutex<State>,
}

impl Room {
    /// Returns the room's reference for the store.
    pub(crate) fn reference(&self) -> RoomRef {
        RoomRef { id: self.id, name: self.name.clone(), kind: self.kind }
    }

    /// Creates a room without subscribers.
    #[must_use]
    pub fn new(row: RoomRow) -> Self {
        let state = State {
            topic: row.topic,
            head: row.head,
            subscribers: BTreeMap::new(),
            queues: None,
            presence: Presence::default(),
            changed: Changed::default(),
            presence_due: false,
        };
        let seen_by = Mutex::new(row.seen_by.into_iter().collect());
        Self {
            id: row.id,
            name: row.name,
            kind: row.kind,
            start: row.start,
            seen_by,
            state: Mutex::new(state),
        }
    }

    /// Returns what a user sees of the room. A public room looks the same to members and others.
    #[must_use]
    pub fn sight_of(&self, user: UserId) -> Sight {
        if self.kind == RoomKind::Public {
            return Sight::Public;
        }
        let seen_by = self.seen_by.lock();
        seen_by.get(&user).copied().unwrap_or(Sight::Nothing)
    }

    /// Changes what a user sees of the room.
    pub fn set_sight(&self, user: UserId, to: Sight) {
        let mut seen_by = self.seen_by.lock();
        match to {
            Sight::Nothing => seen_by.remove(&user),
            to => seen_by.insert(user, to),
        };
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock()
    }

    /// Subscribes a session and returns the head in one step: the session's queue gets exactly the later events. A
    /// session that is already subscribed only gets the head. Returns `None` if the user's permissions changed after
    /// the admission was read, or the admission is for another room or user.
    pub fn subscribe(
        self: &Arc<Self>,
        session: SessionId,
        user: &User,
        (queue, format): (&Arc<SendQueue>, Format),
        admission: &Admission,
    ) -> Option<Seq> {
        let mut state = self.state();
        let is_for = (admission.room(), admission.user()) == (self.id, user.id);
        if !is_for || state.changed.rejects(admission) {
            return None;
        }
        match state.subscribers.entry(session) {
            Entry::Occupied(mut place) => {
                let as_of = &mut place.get_mut().as_of;
                *as_of = admission.as_of().max(*as_of);
            }
            Entry::Vacant(place) => {
                place.insert(Subscriber {
                    user: user.id,
                    as_of: admission.as_of(),
                    queue: queue.clone(),
                    format,
                    mute: admission.mute().cloned().map(Box::new),
                });
                state.queues = None;
                state.presence.enter(user);
                self.announce_presence_soon(&mut state);
            }
        }
        Some(state.head)
    }

    /// `Some` if this session is subscribed; inside it, the user's mute.
    #[must_use]
    pub fn subscription(&self, session: SessionId) -> Option<Option<Mute>> {
        self.state().subscribers.get(&session).map(|subscriber| subscriber.mute.as_deref().cloned())
    }

    /// Unsubscribes a session.
    pub fn unsubscribe(self: &Arc<Self>, session: SessionId) {
        let mut state = self.state();
        if let Some(subscriber) = state.subscribers.remove(&session) {
            state.queues = None;
            state.presence.leave(subscriber.user);
            self.announce_presence_soon(&mut state);
        }
    }

    /// Unsubscribes a user's sessions whose admission is from before `at`, and rejects such admissions from now on.
    pub fn remove(self: &Arc<Self>, user: UserId, at: Moment) {
        self.state().changed.note(user, at);
        let is_theirs = |subscriber: &Subscriber| subscriber.user == user && subscriber.as_of < at;
        let theirs: Vec<SessionId> =
            self.state().subscribers.iter().filter(|(_, s)| is_theirs(s)).map(|(id, _)| *id).collect();
        for session in theirs {
            self.unsubscribe(session);
        }
    }

    /// Rejects every admission from now on, because the room was removed.
    pub fn close(&self) {
        self.state().changed.forgotten = Moment::LAST;
    }

    /// Whether a cursor belongs to an earlier room with this name.
    #[must_use]
    pub fn is_earlier(&self, cursor: Seq) -> bool {
        cursor > Seq::ZERO && cursor < self.start
    }

    /// Returns the room for a `joined`, with the `head` that the session was given.
    #[must_use]
    pub fn joined_room(&self, head: Seq, mine: Mine) -> JoinedRoom {
        JoinedRoom { name: self.name.clone(), kind: self.kind, topic: self.state().topic.clone(), head, mine }
    }

    /// Returns how many users are online, and who, if they are few enough to be named.
    #[must_use]
    pub fn online(&self) -> (Option<Vec<User>>, usize) {
        self.state().presence.online()
    }

    /// Whether this user is online here.
    #[must_use]
    pub fn is_online(&self, user: UserId) -> bool {
        self.state().presence.has(user)
    }

    /// Returns the newest seq that was delivered.
    #[must_use]
    pub fn head(&self) -> Seq {
        self.state().head
    }

    /// Delivers committed events to all subscribers in order, each author's answer right after the events. MUST be
    /// called with every event of the room, in the order of the seqs.
    pub fn deliver(self: &Arc<Self>, written: Vec<Written>, metrics: &Metrics, output: &Arc<Output>) {
        let mut rest = written.into_iter();
        loop {
            // Take the events up to the next one that changes who is subscribed, or what they may do.
            let mut change = None;
            let mut run = Vec::new();
            for one in rest.by_ref() {
                change = one.member_change().map(|change| (change, one.moment));
                run.push(one);
                if change.is_some() {
                    break;
                }
            }
            if run.is_empty() {
                return;
            }
            self.deliver_run(run, metrics, output);
            if let Some((change, moment)) = change {
                self.apply(&change, moment);
            }
        }
    }

    /// Applies a membership change, right after everyone got its event.
    fn apply(self: &Arc<Self>, change: &MemberChange, moment: Moment) {
        if change.change.ends_membership() {
            self.remove(change.user.id, moment);
        }
        let mute = match change.change {
            Change::Muted => Some(Box::new(Mute { until: change.until, reason: change.reason.clone() })),
            Change::Unmuted => None,
            _ => return,
        };
        let mut state = self.state();
        state.changed.note(change.user.id, moment);
        for subscriber in state.subscribers.values_mut().filter(|s| s.user == change.user.id) {
            subscriber.mute.clone_from(&mute);
        }
    }

    fn deliver_run(&self, written: Vec<Written>, metrics: &Metrics, output: &Arc<Output>) {
        let mut authors = Vec::new();
        let mut events = Vec::with_capacity(written.len());
        let mut topic = None;
        for one in written {
            if let (Some((by, what)), Ok(Position { seq, at, .. })) = (one.event, &one.outcome) {
                if let What::Topic { topic: new } = &what {
                    topic = Some(new.clone());
                }
                let (seq, at) = (*seq, *at);
                events.push(ServerFrame::Event(Event { room: self.name.clone(), seq, at, by, what }));
            }
            metrics.refused_commands.inc_by(u64::from(one.outcome.is_err()));
            let outcome = one.outcome.map(|position| (position.seq, position.at));
            authors.extend(one.slot.and_then(|receipt| receipt.fill(outcome)));
        }
        if let Some(ServerFrame::Event(Event { seq: head, .. })) = events.last() {
            let queues = self.state().advance(*head, topic);
            show(&events, &queues.text, metrics, output);
            if !queues.html.is_empty() {
                for frame in &mut events {
                    if let ServerFrame::Event(event) = frame {
                        render::event(event);
                    }
                }
                show(&events, &queues.html, metrics, output);
            }
        }
        // Most authors got their answer after the event. Authors who are no longer subscribed get it now.
        for author in authors {
            author.flush_answers();
        }
    }

    /// Sends a signal to all subscribers except the sessions of `except`.
    pub fn signal(&self, signal: Signal, except: Option<UserId>) {
        let frame = wire::text(&ServerFrame::Signal(signal));
        let to: Vec<Arc<SendQueue>> = self
            .state()
            .subscribers
            .values()
            .filter(|subscriber| Some(subscriber.user) != except)
            .map(|subscriber| subscriber.queue.clone())
            .collect();
        for queue in to {
            queue.push_signal(&frame);
        }
    }

    /// Collects changes of presence for a while, so that a thousand arrivals are one frame.
    fn announce_presence_soon(self: &Arc<Self>, state: &mut State) {
        if state.presence_due || !state.presence.has_changed() {
            return;
        }
        state.presence_due = true;
        let room = self.clone();
        tokio::spawn(async move {
            tokio::time::sleep(PRESENCE_EVERY).await;
            let change = {
                let mut state = room.state();
                state.presence_due = false;
                state.presence.take_change(&room.name)
            };
            if let Some(change) = change {
                room.signal(change, None);
            }
        });
    }
}

impl State {
    /// Notes new events, and returns the queues that get them.
    fn advance(&mut self, head: Seq, topic: Option<String>) -> Queues {
        self.head = head;
        if let Some(topic) = topic {
            self.topic = topic;
        }
        let subscribers = &self.subscribers;
        let queues =
            |format| subscribers.values().filter(|s| s.format == format).map(|s| s.queue.clone()).collect();
        let sorted = || Queues { text: queues(Format::Text), html: queues(Format::Html) };
        self.queues.get_or_insert_with(sorted).clone()
    }
}

/// Pushes events to the queues of one format. Each event is encoded once.
fn show(events: &[ServerFrame], queues: &[Arc<SendQueue>], metrics: &Metrics, output: &Arc<Output>) {
    if queues.is_empty() {
        return;
    }
    let mut pieces = Vec::new();
    let mut piece = Vec::new();
    for event in events {
        wire::write_text(event, &mut piece);
        if piece.len() >= PIECE_BYTES {
            pieces.push(output.count(std::mem::take(&mut piece)));
        }
    }
    if !piece.is_empty() {
        pieces.push(output.count(piece));
    }
    metrics.deliveries.inc_by((events.len() * queues.len()) as u64);
    for queue in queues {
        queue.push_events(&pieces);
    }
}
