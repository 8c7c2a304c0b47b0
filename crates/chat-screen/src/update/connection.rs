//! Handles what the connection reports, and passes each reply to its subject.

use std::collections::BTreeSet;

use chat_proto::command::Moderate;
use chat_proto::counts::Tally;
use chat_proto::reply::{Failure, Welcome};
use chat_proto::room::{Notify, RoomKind, RoomSummary};
use chat_proto::updates::{AskError, Update};
use chat_proto::user::{Me, Role, UserKind};
use chat_proto::{Command, Reply, Seq, is_pair};

use super::{account, badges, complain, events, moderation, people, rooms, scroll, search, signals};
use crate::clean::Clean;
use crate::model::form::{Form, Purpose};
use crate::model::item::a_role;
use crate::model::pending::{Fate, Pending};
use crate::model::timeline::Older;
use crate::model::{Early, Model, Popup, Room, Status};
use crate::msg::{Ask, Effect, Started, ToServer};
use crate::refusal;

/// The maximum number of direct rooms for which the client asks at the start whether the other user is online.
const PRESENCES: usize = 50;

/// Handles the start of the client: shows what an earlier run could not send, and sends what was written before.
pub(super) fn started(model: &mut Model, started: Started) -> Vec<Effect> {
    model.asked_name = started.name;
    model.unkept = started.unkept.as_deref().map(Clean::line);
    if let Some(why) = model.unkept.clone() {
        model.complain(&format!("Unsent messages cannot be saved on this disk: {why}"));
    }
    let message = |early: &Early| {
        let (nonce, text) = (early.shown.nonce.clone(), early.text.clone());
        ToServer::Post(chat_proto::updates::Outgoing { nonce, text, ..Default::default() }).into()
    };
    let effects = model.early_posts.iter().map(message).collect();
    for waiting in started.waiting {
        let shown = Pending { is_kept: true, ..Pending::new(&waiting.nonce, &waiting.text) };
        if waiting.room.is_empty() {
            model.early_posts.push(Early { shown, text: waiting.text });
        } else {
            model.rooms.entry(waiting.room).or_default().timeline.pending.push(shown);
        }
    }
    effects
}

pub(super) fn update(model: &mut Model, update: Update) -> Vec<Effect> {
    match update {
        Update::Connecting => model.status = Status::Connecting,
        // The client is not live yet.
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
            let retry_in = retry_in.map(|wait| i64::try_from(wait.as_millis()).unwrap_or(i64::MAX));
            offline(model, &reason, retry_in);
        }
        Update::NameRefused(failure) => name_refused(model, &failure),
        Update::Event(event) => return events::event(model, &event),
        Update::Opened(joined) => {
            let with = joined.room.mine.user.as_ref().map_or(String::new(), |user| user.name.clone());
            let effects = rooms::joined(model, *joined);
            model.tell(&format!("{with} started a conversation with you (F6)."));
            return effects;
        }
        Update::Rejoined(joined) => return rooms::joined(model, *joined),
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
        // The welcome that follows says so.
        Update::NewUser => model.is_new_user = true,
        // Each room gets its events or its reset.
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

fn offline(model: &mut Model, reason: &str, retry_in: Option<i64>) {
    // The advice is shown above the input, because the status line has no room for it.
    let (what, advice) = reason.split_once(". ").unwrap_or((reason, ""));
    let what = Clean::line(what);
    let is_known = matches!(&model.status_before, Some(before) if *before == what);
    if !advice.is_empty() && !is_known {
        model.complain(reason);
    }
    (model.status_before, model.no_answer_since) = (Some(what.clone()), None);
    model.status = Status::Offline { reason: what, retry_at: retry_in.map(|wait| model.now + wait) };
    for room in model.rooms.values_mut() {
        room.typing.clear();
        // The reply is lost with the connection.
        if room.timeline.older == Older::Loading {
            room.timeline.older = Older::Unknown;
        }
    }
}

fn name_refused(model: &mut Model, failure: &Failure) {
    model.status = Status::Offline { reason: Clean::line("choose a name"), retry_at: None };
    let asked = model.asked_name.clone().unwrap_or_default();
    let form = if failure.registered {
        let why = format!("The name {asked} is registered. If it is yours, log in.");
        Form::new(Purpose::LogIn, &asked, &why)
    } else {
        Form::new(Purpose::Guest, "", &failure.message)
    };
    model.popup = Some(Popup::Form(form));
}

fn stored(room: &mut Room, nonce: &str, seq: Seq) {
    if room.timeline.last_seq() >= seq {
        room.timeline.settle(nonce);
    } else if let Some(pending) = room.timeline.pending.iter_mut().find(|pending| pending.nonce == nonce) {
        pending.fate = Fate::Stored(seq);
    }
}

fn live(model: &mut Model, welcome: Welcome) -> Vec<Effect> {
    model.status = Status::Live;
    (model.status_before, model.no_answer_since) = (None, None);
    // Forms that were needed to get here are done.
    let is_answered = |form: &Form| matches!(form.purpose, Purpose::Guest | Purpose::LogIn);
    model.popup = model.popup.take().filter(|popup| !matches!(popup, Popup::Form(form) if is_answered(form)));
    let is_new_user = std::mem::take(&mut model.is_new_user);
    greet(model, &welcome.user, is_new_user);
    model.me = Some(welcome.user);
    let joined: BTreeSet<String> = welcome.rooms.iter().map(|room| room.name.clone()).collect();
    forget_other_epoch(model, &welcome.server.log, &joined);
    let mut effects: Vec<Effect> = vec![Ask::Rooms { show: false }.into()];
    let mut presences = Vec::new();
    for summary in welcome.rooms {
        let current = model.current.as_ref() == Some(&summary.name);
        // A welcome does not say who is online.
        if summary.kind == RoomKind::Direct && presences.len() < PRESENCES {
            presences.push(Ask::Presence(summary.name.clone()).into());
        }
        // A loaded room continues from its cursor. A room that is not loaded shows nothing yet.
        know(model, &summary);
        if current {
            effects.push(Ask::Join { room: summary.name, show: false }.into());
        }
    }
    effects.extend(first_room(model, &joined, welcome.server.default_room));
    if is_new_user {
        let others = model.rooms.iter().filter(|(name, room)| {
            room.kind != RoomKind::Direct && !joined.contains(*name) && model.current.as_ref() != Some(*name)
        });
        effects.extend(others.map(|(name, _)| Ask::Join { room: name.clone(), show: false }.into()));
    }
    effects.append(&mut presences);
    effects
}

/// Tells the person who they are, if that is new.
fn greet(model: &mut Model, me: &Me, is_new_user: bool) {
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
        model.tell(&format!("You are {}{what}. Type and press Enter. F1 shows help.", me.name));
    } else if model.me.as_ref().is_some_and(|before| before.name != me.name) {
        model.tell(&format!("You are now {}: your former name went to someone else.", me.name));
    }
}

/// In another epoch, each joined room gets the events that it missed, or a reset. Nothing is known about other rooms.
fn forget_other_epoch(model: &mut Model, log: &str, joined: &BTreeSet<String>) {
    if model.log.replace(log.to_owned()).is_some_and(|before| before != log) {
        for (_, room) in model.rooms.iter_mut().filter(|(name, _)| !joined.contains(*name)) {
            room.timeline.forget();
            (room.head, room.tally) = (Seq::ZERO, Tally::default());
        }
    }
}

/// Returns the effect that joins the first room, unless the current one is already joined.
fn first_room(model: &Model, joined: &BTreeSet<String>, default: String) -> Option<Effect> {
    match &model.current {
        Some(room) if joined.contains(room) => None,
        // The membership is gone: this is a new guest, or another device left the room.
        Some(room) => Some(Ask::Join { room: room.clone(), show: true }.into()),
        None => {
            let room = model.wanted.clone().unwrap_or(default);
            let ask = match room.strip_prefix('@').filter(|name| !is_pair(name)) {
                Some(user) => Ask::Direct { user: user.to_owned(), text: String::new() },
                None => Ask::Join { room, show: true },
            };
            Some(ask.into())
        }
    }
}

fn know(model: &mut Model, summary: &RoomSummary) {
    model.other_rooms.remove(&summary.name);
    let room = model.rooms.entry(summary.name.clone()).or_default();
    room.topic = Clean::line(&summary.topic);
    // The head may be lower than before if the server was restored from a copy.
    room.head = summary.head;
    if room.timeline.last_seq() > room.head {
        room.timeline.forget();
    }
    (room.kind, room.mine) = (summary.kind, summary.mine.clone());
    room.notify = summary.notify;
    badges::welcome(model, summary);
}

/// Passes a reply to the subject that asked.
pub(super) fn answer(model: &mut Model, ask: Ask, answer: Result<Reply, AskError>) -> Vec<Effect> {
    let reply = match answer {
        Ok(reply) => reply,
        Err(error) => return refused(model, ask, &error),
    };
    match (ask, reply) {
        (Ask::Join { show: true, .. } | Ask::Create { .. } | Ask::Private { .. }, Reply::Joined(joined)) => {
            return rooms::entered(model, *joined, String::new());
        }
        (Ask::Join { .. }, Reply::Joined(joined)) => return rooms::joined(model, *joined),
        (Ask::Direct { text, .. }, Reply::Joined(joined)) => return rooms::entered(model, *joined, text),
        (Ask::Leave(name), _) => return rooms::left(model, &name),
        (Ask::Older(name, before), Reply::Messages { messages, more, .. }) => {
            scroll::add_older(model, &name, before, &messages, more);
        }
        (Ask::Around(name, seq), Reply::Messages { messages, .. }) => {
            return rooms::around(model, &name, seq, &messages);
        }
        (Ask::Who(room), Reply::Members { members, .. }) => people::list(model, room, members),
        (Ask::Presence(room), Reply::Members { members, .. }) => people::online(model, &room, members),
        (Ask::Search(query), Reply::Results { messages, .. }) => search::results(model, &query, messages),
        (Ask::Audit, Reply::Audit { entries }) => moderation::audit(model, &entries),
        (Ask::Sessions, Reply::Sessions { sessions }) => account::logins(model, &sessions),
        (Ask::Rooms { show } | Ask::MoreRooms { show, .. }, Reply::Rooms { rooms, more }) => {
            return badges::page(model, rooms, more, show);
        }
        (Ask::Read(room, seq), _) => badges::was_read(model, &room, seq, true),
        (Ask::Do(command), _) => done(model, &command),
        // The event shows it.
        (Ask::Topic(..), _) => {}
        // Replies of another kind, which no server sends.
        (
            Ask::Join { .. }
            | Ask::Create { .. }
            | Ask::Private { .. }
            | Ask::Direct { .. }
            | Ask::Older(..)
            | Ask::Around(..)
            | Ask::Who(_)
            | Ask::Presence(_)
            | Ask::Search(_)
            | Ask::Audit
            | Ask::Sessions
            | Ask::Rooms { .. }
            | Ask::MoreRooms { .. },
            _,
        ) => {}
    }
    Vec::new()
}

/// Confirms a command that the person asked for, unless the conversation shows its result by itself.
fn done(model: &mut Model, command: &Command) {
    let user = |asked: &Moderate| asked.user.clone().or(asked.address.clone()).unwrap_or_default();
    let everywhere = |asked: &Moderate| asked.room.is_none();
    let said = match command {
        Command::Invite(asked) => format!("You invited {}.", user(asked)),
        Command::Kick(asked) if everywhere(asked) => format!("{} was removed from every room.", user(asked)),
        Command::Mute(asked) if everywhere(asked) => format!("{} is muted on the whole server.", user(asked)),
        Command::Unmute(asked) if everywhere(asked) => format!("{} can write again.", user(asked)),
        Command::Ban(asked) if everywhere(asked) => format!("{} is banned from the server.", user(asked)),
        Command::Unban(asked) => format!("{} is no longer banned.", user(asked)),
        Command::Role(asked) if asked.room.is_none() => {
            format!("{} is now {}.", asked.user, a_role(asked.role))
        }
        Command::Notify(asked) => {
            let room = model.rooms.get(&asked.room);
            let is_direct = room.is_some_and(|room| room.kind == RoomKind::Direct);
            let label = room.map_or_else(|| format!("#{}", asked.room), |room| room.label(&asked.room));
            match asked.level {
                Notify::None => format!("You will not be notified of anything in {label}."),
                Notify::All if is_direct => format!("You will be notified of every message from {label}."),
                _ => format!("You will be notified of mentions in {label}."),
            }
        }
        Command::Revoke(_) => "That login has ended.".to_owned(),
        // The event shows it.
        _ => return,
    };
    model.tell(&said);
}

/// Returns why a question has no reply, as a sentence for the person.
pub(super) fn words(error: &AskError) -> String {
    match error {
        AskError::Refused(failure) => refusal::words(failure, "/join lists the rooms."),
        AskError::Offline => error.to_string(),
    }
}

fn refused(model: &mut Model, ask: Ask, error: &AskError) -> Vec<Effect> {
    match ask {
        Ask::Join { room, show } => return rooms::not_joined(model, &room, show, error),
        Ask::Older(room, _) => scroll::no_older(model, &room),
        Ask::Read(room, seq) => badges::was_read(model, &room, seq, false),
        Ask::Rooms { show } | Ask::MoreRooms { show, .. } => {
            badges::failed(model, show);
            if show {
                return complain(model, &words(error));
            }
        }
        // The person did not ask for this. The reason (such as a recent removal) is shown elsewhere.
        Ask::Presence(_) => {}
        _ => return complain(model, &words(error)),
    }
    Vec::new()
}
