//! The server: what it tells and what it answers.

use chat_client::{AskError, Update};
use chat_proto::event::{Event, What};
use chat_proto::limits::TYPING_MS;
use chat_proto::reply::{Joined, Member, RoomSummary, Welcome};
use chat_proto::{Reply, Signal};

use super::{is_reading, show};
use crate::clean::Clean;
use crate::model::composer::Composer;
use crate::model::item::Item;
use crate::model::timeline::{Fate, Older, Pending};
use crate::model::{Model, Popup, Room, Status};
use crate::msg::{Ask, Effect};

pub(super) fn update(model: &mut Model, update: Update) -> Vec<Effect> {
    match update {
        Update::Connecting => model.status = Status::Connecting,
        Update::Live(welcome) => return live(model, *welcome),
        Update::Offline { reason, retry_in } => {
            let retry_at =
                retry_in.map(|wait| model.now + i64::try_from(wait.as_millis()).unwrap_or(i64::MAX));
            model.status = Status::Offline { reason: Clean::line(&reason), retry_at };
            for room in model.rooms.values_mut() {
                room.typing.clear();
                // The answer is lost with the connection.
                if room.timeline.older == Older::Loading {
                    room.timeline.older = Older::Unknown;
                }
            }
        }
        Update::NameRefused(failure) => {
            model.status = Status::Offline { reason: Clean::line(&failure.message), retry_at: None };
            model.popup =
                Some(Popup::Name { input: Composer::default(), why: Clean::line(&failure.message) });
        }
        Update::Event(event) => self::event(model, &event),
        Update::Signal(signal) => return self::signal(model, signal),
        Update::Sent { nonce, room, seq, .. } => {
            if let Some(room) = model.rooms.get_mut(&room) {
                stored(room, &nonce, seq);
            }
        }
        Update::Failed { entry, failure } => {
            let room = model.rooms.entry(entry.room).or_default();
            room.timeline.settle(&entry.nonce);
            let fate = Fate::Failed(Clean::line(&failure.message));
            room.timeline.pending.push(Pending { nonce: entry.nonce, text: Clean::text(&entry.text), fate });
        }
        Update::JournalLost(why) => {
            model.complain(&format!(
                "What you send now is lost if this program ends before it is acknowledged: {why}"
            ));
        }
    }
    Vec::new()
}

fn stored(room: &mut Room, nonce: &str, seq: u64) {
    if room.timeline.last_seq() >= seq {
        room.timeline.settle(nonce);
    } else if let Some(pending) = room.timeline.pending.iter_mut().find(|pending| pending.nonce == nonce) {
        pending.fate = Fate::Stored(seq);
    }
}

fn live(model: &mut Model, welcome: Welcome) -> Vec<Effect> {
    model.status = Status::Live;
    let me = chat_proto::event::User { id: welcome.user.id, name: welcome.user.name };
    if model.me.is_none() {
        let greeting = format!("You are {}, a guest. Type and press Enter; F1 helps.", me.name);
        model.tell(&greeting);
    } else if model.me.as_ref().is_some_and(|before| before.name != me.name) {
        model.tell(&format!("You are {} now: the name you had went to someone else.", me.name));
    }
    model.me = Some(me);
    // Seqs of another log mean something else: the database was replaced.
    if model.log.replace(welcome.server.log.clone()).is_some_and(|before| before != welcome.server.log) {
        for room in model.rooms.values_mut() {
            room.timeline.forget();
            room.head = 0;
        }
    }
    let mut effects = vec![Effect::Ask(Ask::Rooms { show: false })];
    for summary in welcome.rooms {
        let current = model.current.as_ref() == Some(&summary.name);
        // What was loaded goes on from its cursor; a room that was not shows nothing yet.
        know(model, &summary);
        if current {
            effects.push(Effect::Ask(Ask::Join { room: summary.name, show: false }));
        }
    }
    if model.current.is_none() {
        let room = model.wanted.clone().unwrap_or(welcome.server.default_room);
        effects.push(Effect::Ask(Ask::Join { room, show: true }));
    } else if effects.len() == 1 {
        // One's membership did not come back with one: a new guest on the server, or left elsewhere.
        let room = model.current.clone().unwrap_or_default();
        effects.push(Effect::Ask(Ask::Join { room, show: true }));
    }
    effects
}

fn know(model: &mut Model, summary: &RoomSummary) {
    model.other_rooms.retain(|other| *other != summary.name);
    let room = model.rooms.entry(summary.name.clone()).or_default();
    room.topic = Clean::line(&summary.topic);
    room.head = room.head.max(summary.head);
    (room.read, room.unread) = (summary.read, summary.unread);
}

fn event(model: &mut Model, event: &Event) {
    let (me, reading) = (model.me.as_ref().map(|me| me.id), is_reading(model));
    let shown = model.current.as_ref() == Some(&event.room);
    let Some(room) = model.rooms.get_mut(&event.room) else { return };
    room.head = room.head.max(event.seq);
    match &event.what {
        What::Message(message) => {
            room.typing.retain(|(user, _)| user.id != event.by.id);
            if me == Some(event.by.id) {
                if let Some(nonce) = &message.nonce {
                    room.timeline.settle(nonce);
                }
            } else if !(shown && reading) && event.seq > room.read {
                if room.unread == 0 && room.divider.is_none() && shown {
                    room.divider = Some(event.seq - 1);
                }
                room.unread += 1;
            }
        }
        What::Topic { topic } => room.topic = Clean::line(topic),
        What::Member(_) => {}
    }
    // A room that was never opened is loaded when it is.
    if room.timeline.loaded {
        room.timeline.add(Item::of(event));
    }
}

fn signal(model: &mut Model, signal: Signal) -> Vec<Effect> {
    match signal {
        Signal::Typing { room, user } => {
            let until = model.now + i64::try_from(TYPING_MS).unwrap_or(i64::MAX);
            let mine = model.me.as_ref().is_some_and(|me| me.id == user.id);
            if let Some(room) = model.rooms.get_mut(&room).filter(|_| !mine) {
                room.typing.retain(|(other, _)| other.id != user.id);
                room.typing.push((user, until));
            }
        }
        Signal::Presence { room, online, offline, online_count } => {
            if let Some(room) = model.rooms.get_mut(&room) {
                for user in offline {
                    room.online.remove(&user.name);
                }
                for user in online {
                    room.online.insert(user.name.clone(), user);
                }
                room.online_count = online_count;
                if room.online.len() > online_count {
                    room.online.clear();
                }
            }
        }
        Signal::Read { room, seq } => {
            if let Some(room) = model.rooms.get_mut(&room) {
                (room.read, room.unread) = (seq, if seq >= room.head { 0 } else { room.unread });
            }
        }
        Signal::Reset { room: name, head } => {
            let shown = model.current.as_ref() == Some(&name);
            if let Some(room) = model.rooms.get_mut(&name) {
                room.timeline.forget();
                room.head = head;
                if shown {
                    return vec![Effect::Ask(Ask::Join { room: name, show: false })];
                }
            }
        }
        Signal::Notice { text, .. } => model.tell(&text),
        // The end of the connection that follows says the same.
        Signal::Goodbye { .. } => {}
    }
    Vec::new()
}

pub(super) fn answer(model: &mut Model, ask: Ask, answer: Result<Reply, AskError>) -> Vec<Effect> {
    let reply = match answer {
        Ok(reply) => reply,
        Err(error) => {
            refused(model, &ask, &error);
            return Vec::new();
        }
    };
    match (ask, reply) {
        (Ask::Join { show: true, .. } | Ask::Create { .. }, Reply::Joined(joined)) => {
            let name = joined.room.name.clone();
            self::joined(model, *joined);
            return show(model, &name);
        }
        (_, Reply::Joined(joined)) => self::joined(model, *joined),
        (Ask::Older(name, _), Reply::Messages { messages, more, .. }) => {
            if let Some(room) = model.rooms.get_mut(&name) {
                room.timeline.add_older(messages.iter().map(Item::of).collect(), more);
            }
        }
        (Ask::Leave(name), _) => {
            model.rooms.remove(&name);
            model.other_rooms.push(name.clone());
            if model.current.as_ref() == Some(&name) {
                model.current = None;
                if let Some(next) = model.rooms.keys().next().cloned() {
                    return show(model, &next);
                }
                model.tell("You are in no room now. /join lists them.");
            }
        }
        (Ask::Who(name), Reply::Members { members, .. }) => who(model, &name, &members),
        (Ask::Rooms { show }, Reply::Rooms { rooms }) => {
            let joined = |room: &&RoomSummary| !room.joined;
            model.other_rooms = rooms.iter().filter(joined).map(|room| room.name.clone()).collect();
            if show {
                list_rooms(model, &rooms);
            }
        }
        _ => {}
    }
    Vec::new()
}

fn refused(model: &mut Model, ask: &Ask, error: &AskError) {
    if let Ask::Older(name, _) = ask
        && let Some(room) = model.rooms.get_mut(name)
    {
        room.timeline.older = Older::Unknown;
    }
    if matches!(ask, Ask::Join { show: true, .. }) && !model.was_in_room {
        // Where it was to go there is nothing: it is the person's again.
        let texts = std::mem::take(&mut model.early_posts).join("\n");
        model.early.insert(&texts);
    }
    // Nobody asked for these.
    let by_itself = matches!(
        ask,
        Ask::Older(..) | Ask::Read(..) | Ask::Rooms { show: false } | Ask::Join { show: false, .. }
    );
    if !by_itself || matches!(error, AskError::Refused(_)) {
        model.complain(&error.to_string());
    }
}

fn joined(model: &mut Model, joined: Joined) {
    let name = joined.room.name;
    model.other_rooms.retain(|other| *other != name);
    let is_new = !model.rooms.contains_key(&name);
    let room = model.rooms.entry(name).or_default();
    room.topic = Clean::line(&joined.room.topic);
    room.head = room.head.max(joined.room.head);
    if is_new {
        room.read = joined.room.head;
    }
    room.online_count = joined.online_count;
    room.online =
        joined.online.unwrap_or_default().into_iter().map(|user| (user.name.clone(), user)).collect();
    let page: Vec<Item> =
        joined.messages.or(joined.events).unwrap_or_default().iter().map(Item::of).collect();
    room.timeline.add_newest(page);
}

fn who(model: &mut Model, name: &str, members: &[Member]) {
    let line = |member: &Member| {
        let role = match member.role {
            chat_proto::reply::Role::Owner => ", owner",
            chat_proto::reply::Role::Moderator => ", moderator",
            _ => "",
        };
        Clean::line(&format!("{} {}{role}", if member.online { "●" } else { "○" }, member.user.name))
    };
    let mut sorted: Vec<&Member> = members.iter().collect();
    sorted.sort_by_key(|member| !member.online);
    let title = Clean::line(&format!("In #{name}"));
    model.popup = Some(Popup::List { title, lines: sorted.into_iter().map(line).collect(), top: 0 });
}

fn list_rooms(model: &mut Model, rooms: &[RoomSummary]) {
    let line = |room: &RoomSummary| {
        let joined = if room.joined { "●" } else { "○" };
        let members = if room.members == 1 { "member" } else { "members" };
        Clean::line(&format!("{joined} #{}  {} {members}  {}", room.name, room.members, room.topic))
    };
    let title = Clean::line("Rooms: /join NAME goes to one");
    model.popup = Some(Popup::List { title, lines: rooms.iter().map(line).collect(), top: 0 });
}
