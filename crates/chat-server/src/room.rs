//! A room's live state: its head, who hears it, and delivery. Only the writer makes a seq, and only
//! [`Room::deliver`] shows an event to anyone.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use chat_proto::command::Format;
use chat_proto::event::{Change, Event, MemberChange, User, What};
use chat_proto::reply::{JoinedRoom, Mine, Mute, RoomKind};
use chat_proto::{Seq, ServerFrame, Signal, UserId};

use crate::metrics::Metrics;
use crate::presence::Presence;
use crate::render;
use crate::send_queue::SendQueue;
use crate::store::rooms::RoomRow;
use crate::store::{Position, RoomId, Written};
use crate::wire;

/// A live socket's number in this process.
pub type SessionId = u64;

/// How long comings and goings are gathered before the room is told.
const PRESENCE_EVERY: Duration = Duration::from_secs(1);

/// Frames of one delivery go out in pieces of about this size, so that a queue can take some of them.
const PIECE_BYTES: usize = 64 * 1024;

/// How many users who were put out are remembered. What matters is the time that a session needs from
/// looking up its rooms to hearing them.
const PUT_OUT: usize = 1024;

struct Subscriber {
    user: UserId,
    queue: Arc<SendQueue>,
    format: Format,
    /// Boxed, because hardly anyone is.
    mute: Option<Box<Mute>>,
}

/// Who sees what happens, by the format they want it in.
#[derive(Clone)]
struct Queues {
    text: Arc<[Arc<SendQueue>]>,
    html: Arc<[Arc<SendQueue>]>,
}

struct State {
    topic: String,
    head: Seq,
    /// In the order they came, which is that of their sockets in memory: what is next to be sent to is near.
    subscribers: BTreeMap<SessionId, Subscriber>,
    /// The subscribers' queues as a delivery walks over them; none when they changed since.
    queues: Option<Queues>,
    presence: Presence,
    /// With which event users were put out, so that nobody comes in on what was true before it.
    put_out: HashMap<UserId, Seq>,
    /// Whether a task is waiting to tell the room who came and went.
    presence_due: bool,
}

/// See the module's description.
pub struct Room {
    /// Its number in the database.
    pub id: RoomId,
    /// Its name.
    pub name: String,
    /// Who may enter.
    pub kind: RoomKind,
    state: Mutex<State>,
}

impl Room {
    /// A room that nobody hears yet.
    #[must_use]
    pub fn new(row: RoomRow) -> Self {
        let state = State {
            topic: row.topic,
            head: row.head,
            subscribers: BTreeMap::new(),
            queues: None,
            presence: Presence::default(),
            put_out: HashMap::new(),
            presence_due: false,
        };
        Self { id: row.id, name: row.name, kind: row.kind, state: Mutex::new(state) }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Registers `queue` and answers the head, in one step: the queue gets exactly what comes after it.
    /// A session that hears the room already just gets the head. None where the user was put out after
    /// `as_of`, the head at which they were known to be a member.
    pub fn subscribe(
        self: &Arc<Self>,
        session: SessionId,
        user: &User,
        (queue, format): (&Arc<SendQueue>, Format),
        as_of: Seq,
        mute: Option<Mute>,
    ) -> Option<Seq> {
        let mut state = self.state();
        if state.put_out.get(&user.id).is_some_and(|put_out| *put_out > as_of) {
            return None;
        }
        if let Entry::Vacant(place) = state.subscribers.entry(session) {
            place.insert(Subscriber {
                user: user.id,
                queue: queue.clone(),
                format,
                mute: mute.map(Box::new),
            });
            state.queues = None;
            state.presence.enter(user);
            self.tell_presence_soon(&mut state);
        }
        Some(state.head)
    }

    /// Whether this session hears the room, and if so, whether its user may only listen.
    #[must_use]
    pub fn heard_by(&self, session: SessionId) -> Option<Option<Mute>> {
        self.state().subscribers.get(&session).map(|subscriber| subscriber.mute.as_deref().cloned())
    }

    /// This session hears the room no more.
    pub fn unsubscribe(self: &Arc<Self>, session: SessionId) {
        let mut state = self.state();
        if let Some(subscriber) = state.subscribers.remove(&session) {
            state.queues = None;
            state.presence.leave(subscriber.user);
            self.tell_presence_soon(&mut state);
        }
    }

    /// No session of this user hears the room any more.
    pub fn unsubscribe_user(self: &Arc<Self>, user: UserId) {
        let theirs: Vec<SessionId> =
            self.state().subscribers.iter().filter(|(_, s)| s.user == user).map(|(id, _)| *id).collect();
        for session in theirs {
            self.unsubscribe(session);
        }
    }

    /// The room as `joined` names it, with `head` as the session was given it.
    #[must_use]
    pub fn joined_room(&self, head: Seq, mine: Mine) -> JoinedRoom {
        JoinedRoom { name: self.name.clone(), kind: self.kind, topic: self.state().topic.clone(), head, mine }
    }

    /// Who is online, where they are few enough to be named, and how many.
    #[must_use]
    pub fn online(&self) -> (Option<Vec<User>>, usize) {
        self.state().presence.online()
    }

    /// Whether this user is online here.
    #[must_use]
    pub fn is_online(&self, user: UserId) -> bool {
        self.state().presence.has(user)
    }

    /// The newest seq that anyone was shown.
    #[must_use]
    pub fn head(&self) -> Seq {
        self.state().head
    }

    /// Shows what was committed to everyone who hears the room, in order, and answers the authors right behind it.
    /// MUST be called with every event of the room, in the order of their seqs.
    pub fn deliver(self: &Arc<Self>, written: Vec<Written>, metrics: &Metrics) {
        let mut rest = written.into_iter();
        loop {
            // Up to the next event that changes who hears the room, or what they may do in it.
            let mut change = None;
            let mut run = Vec::new();
            for one in rest.by_ref() {
                change = one.member_change();
                run.push(one);
                if change.is_some() {
                    break;
                }
            }
            if run.is_empty() {
                return;
            }
            self.deliver_run(run, metrics);
            if let Some(change) = change {
                self.apply(&change);
            }
        }
    }

    /// Makes a membership act count, right after everyone heard of it.
    fn apply(self: &Arc<Self>, change: &MemberChange) {
        if change.change.puts_out() {
            {
                let mut state = self.state();
                let head = state.head;
                state.put_out.insert(change.user.id, head);
                if state.put_out.len() > PUT_OUT {
                    let oldest = state.put_out.iter().min_by_key(|(_, seq)| **seq).map(|(user, _)| *user);
                    oldest.and_then(|user| state.put_out.remove(&user));
                }
            }
            self.unsubscribe_user(change.user.id);
        }
        let mute = match change.change {
            Change::Muted => Some(Box::new(Mute { until: change.until, reason: change.reason.clone() })),
            Change::Unmuted => None,
            _ => return,
        };
        for subscriber in self.state().subscribers.values_mut().filter(|s| s.user == change.user.id) {
            subscriber.mute.clone_from(&mute);
        }
    }

    fn deliver_run(&self, written: Vec<Written>, metrics: &Metrics) {
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
            authors.extend(one.receipt.and_then(|receipt| receipt.answer(outcome)));
        }
        if let Some(ServerFrame::Event(Event { seq: head, .. })) = events.last() {
            let queues = self.state().advance(*head, topic);
            show(&events, &queues.text, metrics);
            if !queues.html.is_empty() {
                for frame in &mut events {
                    if let ServerFrame::Event(event) = frame {
                        render::event(event);
                    }
                }
                show(&events, &queues.html, metrics);
            }
        }
        // Most heard their answer behind the event; who does not hear the room any more hears it now.
        for author in authors {
            author.flush_answers();
        }
    }

    /// Shows a signal to everyone who hears the room but the sessions of `except`.
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

    /// Gathers who comes and goes for a while, so that a thousand arrivals are one frame.
    fn tell_presence_soon(self: &Arc<Self>, state: &mut State) {
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
    /// Takes note of new events and answers who has to see them.
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

/// Pushes events to everyone who wants them in one format: each is encoded once.
fn show(events: &[ServerFrame], queues: &[Arc<SendQueue>], metrics: &Metrics) {
    if queues.is_empty() {
        return;
    }
    let mut pieces = Vec::new();
    let mut piece = Vec::new();
    for event in events {
        wire::write_text(event, &mut piece);
        if piece.len() >= PIECE_BYTES {
            pieces.push(Bytes::from(std::mem::take(&mut piece)));
        }
    }
    if !piece.is_empty() {
        pieces.push(Bytes::from(piece));
    }
    metrics.deliveries.inc_by((events.len() * queues.len()) as u64);
    for queue in queues {
        queue.push_events(&pieces);
    }
}
