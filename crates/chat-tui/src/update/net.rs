//! The server: what it tells and what it answers.

use std::collections::BTreeSet;

use chat_proto::counts::Tally;
use chat_proto::event::{Event, What};
use chat_proto::reply::{Joined, Role, RoomKind, RoomSummary, UserKind, Welcome};
use chat_proto::updates::{AskError, Update};
use chat_proto::{Command, ErrorCode, Reply};

use super::{badges, lists, mine, show, signals};
use crate::clean::Clean;
use crate::model::form::{Form, Purpose};
use crate::model::item::Item;
use crate::model::timeline::{Fate, Older, Pending};
use crate::model::{Model, Popup, Room, Status};
use crate::msg::{Ask, Effect};
use crate::refusal;
use crate::visit::is_pair;

/// Of how many direct rooms it is asked at the start who is there.
const PRESENCES: usize = 50;

pub(super) fn update(model: &mut Model, update: Update) -> Vec<Effect> {
    match update {
        Update::Connecting => model.status = Status::Connecting,
        // It is not live yet.
        Update::Reached => {}
        Update::NoAnswer(since) => {
            let since = i64::try_from(since.as_millis()).unwrap_or(0);
            model.no_answer_since = Some(model.now - since);
        }
        Update::AnswersAgain => model.no_answer_since = None,
        // The reason follows.
        Update::AskedToWait(_) => {}
        Update::Live(welcome) => return live(model, *welcome),
        Update::Offline { reason, retry_in } => {
            let retry_at =
                retry_in.map(|wait| model.now + i64::try_from(wait.as_millis()).unwrap_or(i64::MAX));
            // What to do about it stands above the input: the status line has no room for it.
            let (what, advice) = reason.split_once(". ").unwrap_or((&reason, ""));
            let what = Clean::line(what);
            let is_known = matches!(&model.status_before, Some(before) if *before == what);
            if !advice.is_empty() && !is_known {
                model.complain(&reason);
            }
            (model.status_before, model.no_answer_since) = (Some(what.clone()), None);
            model.status = Status::Offline { reason: what, retry_at };
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
            let asked = model.asked_name.clone().unwrap_or_default();
            let form = if failure.registered {
                Form::new(
                    Purpose::LogIn,
                    &asked,
                    &format!("The name {asked} is registered. If it is yours, log in."),
                )
            } else {
                Form::new(Purpose::Guest, "", &failure.message)
            };
            model.popup = Some(Popup::Form(form));
        }
        Update::Event(event) => return self::event(model, &event),
        Update::Opened(joined) => {
            let with = joined.room.mine.user.as_ref().map_or(String::new(), |user| user.name.clone());
            let effects = self::joined(model, *joined);
            model.tell(&format!("{with} wants to talk to you alone: @{with} is among the rooms."));
            return effects;
        }
        Update::Rejoined(joined) => return self::joined(model, *joined),
        Update::Signal(signal) => return signals::signal(model, signal),
        Update::Sent { nonce, room, seq, .. } => {
            if let Some(room) = model.rooms.get_mut(&room) {
                stored(room, &nonce, seq);
            }
        }
        Update::Failed { entry, failure } if entry.room.is_empty() => {
            model.early_posts.retain(|early| early.shown.nonce != entry.nonce);
            model.early.insert(&entry.text);
            model.complain(&failure.message);
        }
        Update::Failed { entry, failure } => {
            let room = model.rooms.entry(entry.room).or_default();
            room.timeline.settle(&entry.nonce);
            let fate = Fate::Failed(Clean::line(&failure.message));
            room.timeline.pending.push(Pending { fate, ..Pending::new(&entry.nonce, &entry.text) });
        }
        // Told below, with the welcome.
        Update::NewUser => model.is_new_user = true,
        // Each room hears of it by its events or its reset.
        Update::Settled => {}
        Update::Kept { nonce } => model.kept(&nonce),
        Update::JournalLost(why) => {
            model.unkept = Some(Clean::line(&why));
            model.warn_of_loss();
        }
        Update::JournalBack => {
            model.unkept = None;
            model.tell("All messages waiting here are on disk again.");
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
    (model.status_before, model.no_answer_since) = (None, None);
    let me = welcome.user;
    // Whatever was asked for to get here is answered.
    let is_answered = |form: &Form| matches!(form.purpose, Purpose::Guest | Purpose::LogIn);
    model.popup = model.popup.take().filter(|popup| !matches!(popup, Popup::Form(form) if is_answered(form)));
    let is_new_user = std::mem::take(&mut model.is_new_user);
    if is_new_user {
        model.tell(&format!("Your login has ended, so you are a new guest called {}.", me.name));
        for room in model.rooms.values_mut() {
            room.timeline.forget();
            room.tally = Tally::default();
        }
    } else if model.me.is_none() {
        let what = match (me.kind, me.role) {
            (_, Role::Admin) => ", an admin",
            (UserKind::Guest, _) => ", a guest",
            _ => "",
        };
        model.tell(&format!("You are {}{what}. Type and press Enter; F1 helps.", me.name));
    } else if model.me.as_ref().is_some_and(|before| before.name != me.name) {
        model.tell(&format!("You are {} now: the name you had went to someone else.", me.name));
    }
    model.me = Some(me);
    let joined: BTreeSet<String> = welcome.rooms.iter().map(|room| room.name.clone()).collect();
    // In another log, each room that one is in gets the events missed, or a reset; of the others nothing is known.
    if model.log.replace(welcome.server.log.clone()).is_some_and(|before| before != welcome.server.log) {
        for (_, room) in model.rooms.iter_mut().filter(|(name, _)| !joined.contains(*name)) {
            room.timeline.forget();
            (room.head, room.tally) = (0, Tally::default());
        }
    }
    let mut effects = vec![Effect::Ask(Ask::Rooms { show: false })];
    let mut presences = Vec::new();
    for summary in welcome.rooms {
        let current = model.current.as_ref() == Some(&summary.name);
        // A welcome does not say who is online.
        if summary.kind == RoomKind::Direct && presences.len() < PRESENCES {
            presences.push(Effect::Ask(Ask::Presence(summary.name.clone())));
        }
        // What was loaded goes on from its cursor; a room that was not shows nothing yet.
        know(model, &summary);
        if current {
            effects.push(Effect::Ask(Ask::Join { room: summary.name, show: false }));
        }
    }
    let room = model.current.clone();
    match room.filter(|room| !joined.contains(room)) {
        // One's membership did not come back with one: a new guest on the server, or left elsewhere.
        Some(room) => effects.push(Effect::Ask(Ask::Join { room, show: true })),
        None if model.current.is_none() => {
            let room = model.wanted.clone().unwrap_or(welcome.server.default_room);
            effects.push(Effect::Ask(match room.strip_prefix('@').filter(|name| !is_pair(name)) {
                Some(user) => Ask::Direct { user: user.to_owned(), text: String::new() },
                None => Ask::Join { room, show: true },
            }));
        }
        None => {}
    }
    if is_new_user {
        let others = model.rooms.iter().filter(|(name, room)| {
            room.kind != RoomKind::Direct && !joined.contains(*name) && model.current.as_ref() != Some(*name)
        });
        effects.extend(others.map(|(name, _)| Effect::Ask(Ask::Join { room: name.clone(), show: false })));
    }
    effects.append(&mut presences);
    effects
}

fn know(model: &mut Model, summary: &RoomSummary) {
    model.other_rooms.remove(&summary.name);
    let room = model.rooms.entry(summary.name.clone()).or_default();
    room.topic = Clean::line(&summary.topic);
    // It may be lower than it was: the server was restored from a copy.
    room.head = summary.head;
    if room.timeline.last_seq() > room.head {
        room.timeline.forget();
    }
    (room.kind, room.mine) = (summary.kind, summary.mine.clone());
    room.notify = summary.notify;
    badges::welcome(model, summary);
}

fn event(model: &mut Model, event: &Event) -> Vec<Effect> {
    if let What::Member(change) = &event.what
        && model.me.as_ref().is_some_and(|me| me.id == change.user.id)
    {
        return mine::acted(model, event, change);
    }
    told(model, event);
    mine::attract(model, event).into_iter().collect()
}

pub(super) fn told(model: &mut Model, event: &Event) {
    let me = model.me.as_ref().map(|me| me.id);
    badges::event(model, event);
    let Some(room) = model.rooms.get_mut(&event.room) else { return };
    room.head = room.head.max(event.seq);
    match &event.what {
        What::Message(message) => {
            room.typing.retain(|(user, _)| user.id != event.by.id);
            if let Some(nonce) = message.nonce.as_ref().filter(|_| me == Some(event.by.id)) {
                room.timeline.settle(nonce);
            }
        }
        What::Topic { topic } => room.topic = Clean::line(topic),
        What::Edited { target, text, mentions, .. } => {
            room.timeline.change(*target, |item| item.edit(text, mentions));
        }
        What::Deleted { target } => room.timeline.change(*target, Item::delete),
        What::Reacted(on) => {
            room.timeline.change(on.target, |item| item.more.react(&on.emoji, &event.by.name));
        }
        What::Unreacted(on) => {
            room.timeline.change(on.target, |item| item.more.unreact(&on.emoji, &event.by.name));
        }
        What::Pinned { target } => room.timeline.change(*target, |item| item.more.is_pinned = true),
        What::Unpinned { target } => room.timeline.change(*target, |item| item.more.is_pinned = false),
        What::Member(_) | What::Newer { .. } => {}
    }
    let is_line = matches!(
        event.what,
        What::Message(_) | What::Topic { .. } | What::Member(_) | What::Pinned { .. } | What::Newer { .. }
    );
    // A room that was never opened is loaded when it is, and one jumped into when one leaves that.
    if room.timeline.loaded && !room.timeline.is_apart && is_line {
        room.timeline.add(Item::of(event));
    }
}

pub(super) fn answer(model: &mut Model, ask: Ask, answer: Result<Reply, AskError>) -> Vec<Effect> {
    let reply = match answer {
        Ok(reply) => reply,
        Err(error) => {
            return refused(model, &ask, &error);
        }
    };
    match (ask, reply) {
        (
            ask @ (Ask::Join { show: true, .. }
            | Ask::Create { .. }
            | Ask::Private { .. }
            | Ask::Direct { .. }),
            Reply::Joined(joined),
        ) => {
            let name = joined.room.name.clone();
            let mut effects = self::joined(model, *joined);
            effects.extend(show(model, &name));
            if let Ask::Direct { text, .. } = ask
                && !text.is_empty()
            {
                effects.extend(super::typed::text(model, text));
            }
            return effects;
        }
        (_, Reply::Joined(joined)) => return self::joined(model, *joined),
        (Ask::Older(name, _), Reply::Messages { messages, more, .. }) => {
            if let Some(room) = model.rooms.get_mut(&name) {
                room.timeline.add_older(messages.iter().map(Item::of).collect(), more);
            }
        }
        (Ask::Leave(name), _) => {
            let effects = mine::gone(model, &name);
            if model.current.is_none() {
                model.tell("You are in no room now. /join lists them.");
            }
            return effects;
        }
        (Ask::Who(room), Reply::Members { mut members, .. }) => {
            members.sort_by_key(|member| !member.online);
            model.popup = Some(Popup::People { room, members, at: 0 });
        }
        (Ask::Search(query), Reply::Results { messages, .. }) => {
            if messages.is_empty() {
                model.tell(&format!("Nothing is found for {query}"));
            } else {
                model.popup = Some(Popup::Found { query: Clean::line(&query), found: messages, at: 0 });
            }
        }
        (Ask::Around(name, seq), Reply::Messages { messages, .. }) => {
            let effects = show(model, &name);
            let page = model.page();
            if let Some(room) = model.rooms.get_mut(&name) {
                room.timeline.jump(messages.iter().map(Item::of).collect(), seq, &page);
                model.selected = Some(seq);
            }
            // Joining would bring the newest.
            return effects
                .into_iter()
                .filter(|effect| !matches!(effect, Effect::Ask(Ask::Join { .. })))
                .collect();
        }
        (Ask::Presence(name), Reply::Members { members, .. }) => {
            if let Some(room) = model.rooms.get_mut(&name) {
                let online = members.into_iter().filter(|member| member.online);
                room.online = online.map(|member| (member.user.name.clone(), member.user)).collect();
            }
        }
        (Ask::Audit, Reply::Audit { entries }) => lists::audit(model, &entries),
        (Ask::Sessions, Reply::Sessions { sessions }) => lists::logins(model, &sessions),
        (Ask::Do(Command::Invite(asked)), _) => {
            model.tell(&format!("{} is invited.", asked.user.unwrap_or_default()));
        }
        (
            Ask::Do(
                Command::Edit(_)
                | Command::Delete(_)
                | Command::React(_)
                | Command::Unreact(_)
                | Command::Pin(_)
                | Command::Unpin(_),
            ),
            _,
        ) => {}
        (Ask::Do(_), _) if model.note.is_none() => model.tell("Done."),
        (Ask::Rooms { show } | Ask::MoreRooms { show, .. }, Reply::Rooms { rooms, more }) => {
            return badges::page(model, rooms, more, show);
        }
        (Ask::Read(room, seq), _) => badges::was_read(model, &room, seq, true),
        _ => {}
    }
    Vec::new()
}

/// Whether a room cannot be entered, now or in a while.
fn closed(code: ErrorCode) -> bool {
    matches!(code, ErrorCode::NoSuchRoom | ErrorCode::Banned | ErrorCode::Forbidden)
}

fn words(error: &AskError) -> String {
    match error {
        AskError::Refused(failure) => refusal::words(failure, "/join lists those there are."),
        AskError::Offline => error.to_string(),
    }
}

fn refused(model: &mut Model, ask: &Ask, error: &AskError) -> Vec<Effect> {
    if let Ask::Older(name, _) = ask
        && let Some(room) = model.rooms.get_mut(name)
    {
        room.timeline.older = Older::Unknown;
    }
    match ask {
        Ask::Read(room, seq) => badges::was_read(model, room, *seq, false),
        Ask::Rooms { show } | Ask::MoreRooms { show, .. } => badges::failed(model, *show),
        _ => {}
    }
    if matches!(ask, Ask::Join { show: true, .. }) && !model.was_in_room {
        // Where it was to go there is nothing: it is the person's again.
        let early = std::mem::take(&mut model.early_posts);
        let texts: Vec<&str> = early.iter().map(|early| early.text.as_str()).collect();
        model.early.insert(&texts.join("\n"));
        model.complain(&words(error));
        return vec![Effect::Withdraw(early.into_iter().map(|early| early.shown.nonce).collect())];
    }
    // Nobody asked for these; what they are refused for (one was put out just now) is told better elsewhere.
    let by_itself = matches!(
        ask,
        Ask::Older(..)
            | Ask::Read(..)
            | Ask::Rooms { show: false }
            | Ask::MoreRooms { show: false, .. }
            | Ask::Presence(_)
    );
    let is_rejoining = matches!(ask, Ask::Join { show: false, .. }) && *error == AskError::Offline;
    match (ask, error) {
        // A room that the user cannot enter any more is not theirs any more.
        (Ask::Join { room, .. }, AskError::Refused(failure))
            if closed(failure.code) && model.rooms.contains_key(room) =>
        {
            let effects = mine::gone(model, room);
            model.complain(&format!("#{room}: {}", refusal::words(failure, "/join lists those there are.")));
            return effects;
        }
        _ if !by_itself && !is_rejoining => model.complain(&words(error)),
        _ => {}
    }
    Vec::new()
}

fn joined(model: &mut Model, joined: Joined) -> Vec<Effect> {
    let name = joined.room.name.clone();
    model.other_rooms.remove(&name);
    model.rooms.entry(name.clone()).or_default();
    badges::joined(model, &joined);
    let room = model.rooms.entry(name.clone()).or_default();
    room.topic = Clean::line(&joined.room.topic);
    // Answers do not come in one line with events: one may have come before the page that it belongs behind.
    let is_behind = !room.timeline.loaded && room.head > joined.room.head;
    room.head = room.head.max(joined.room.head);
    (room.kind, room.mine) = (joined.room.kind, joined.room.mine);
    room.online_count = joined.online_count;
    room.online =
        joined.online.unwrap_or_default().into_iter().map(|user| (user.name.clone(), user)).collect();
    let page: Vec<Item> =
        joined.messages.or(joined.events).unwrap_or_default().iter().map(Item::of).collect();
    room.timeline.add_newest(page);
    if is_behind { vec![Effect::Ask(Ask::Join { room: name, show: false })] } else { Vec::new() }
}
