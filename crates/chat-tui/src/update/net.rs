//! The server: what it tells and what it answers.

use chat_client::{AskError, Update};
use chat_proto::account::LoggedIn;
use chat_proto::event::{Change, Event, MemberChange, What};
use chat_proto::limits::TYPING_MS;
use chat_proto::reply::{AuditEntry, Joined, Login, Mute, Role, RoomKind, RoomSummary, UserKind, Welcome};
use chat_proto::{Command, Millis, Reply, Signal};

use super::{is_reading, show};
use crate::clean::Clean;
use crate::model::form::{Form, Purpose};
use crate::model::item::{Item, words};
use crate::model::timeline::{Fate, Older, Pending};
use crate::model::{Model, Popup, Room, Status};
use crate::msg::{Account, Ask, Effect};
use crate::rights;

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
            self::joined(model, *joined);
            model.tell(&format!("{with} wants to talk to you alone: @{with} is among the rooms."));
        }
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
    let me = welcome.user;
    // Whatever was asked for to get here is answered.
    let is_answered = |form: &Form| matches!(form.purpose, Purpose::Guest | Purpose::LogIn);
    model.popup = model.popup.take().filter(|popup| !matches!(popup, Popup::Form(form) if is_answered(form)));
    if model.me.is_none() {
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
    (room.kind, room.mine) = (summary.kind, summary.mine.clone());
    (room.read, room.unread) = (summary.read, summary.unread);
}

fn event(model: &mut Model, event: &Event) -> Vec<Effect> {
    if let What::Member(change) = &event.what
        && model.me.as_ref().is_some_and(|me| me.id == change.user.id)
    {
        return mine(model, event, change);
    }
    told(model, event);
    Vec::new()
}

/// Something was done to the person: they are told what, why and until when, and what follows of it.
fn mine(model: &mut Model, event: &Event, change: &MemberChange) -> Vec<Effect> {
    told(model, event);
    let Some(room) = model.rooms.get_mut(&event.room) else { return Vec::new() };
    let label = room.label(&event.room);
    let place = if change.everywhere { "on the whole server".to_owned() } else { format!("in {label}") };
    let by = &event.by.name;
    let why = change.reason.as_ref().map_or(String::new(), |reason| format!(": {reason}"));
    let term = change.until.map_or(String::new(), |until| format!(" for {}", words(until - event.at)));
    match change.change {
        Change::Muted => {
            room.mine.muted = Some(Mute { until: change.until, reason: change.reason.clone() });
            model.complain(&format!("{by} muted you {place}{term}{why}"));
        }
        Change::Unmuted => {
            room.mine.muted = None;
            model.tell(&format!("{by} lets you write {place} again"));
        }
        Change::Role => {
            if !change.everywhere {
                room.mine.role = change.role;
            }
            let role = change.role.map_or("member", rights::role_name);
            model.tell(&format!("{by} made you {role} {place}"));
        }
        Change::Kicked => {
            model.complain(&format!("{by} put you out of {label}{why}. /join {} goes back.", event.room));
            return gone(model, &event.room);
        }
        Change::Banned if !change.everywhere => {
            model.complain(&format!("{by} banned you from {label}{term}{why}"));
            return gone(model, &event.room);
        }
        Change::Left => return gone(model, &event.room),
        _ => {}
    }
    Vec::new()
}

/// A room is one's no more.
fn gone(model: &mut Model, name: &str) -> Vec<Effect> {
    if let Some(room) = model.rooms.remove(name)
        && room.kind == RoomKind::Public
    {
        model.other_rooms.push(name.to_owned());
    }
    if model.current.as_deref() != Some(name) {
        return Vec::new();
    }
    model.current = None;
    let note = model.note.take();
    let effects = model.rooms.keys().next().cloned().map_or(Vec::new(), |next| show(model, &next));
    model.note = note;
    effects
}

fn told(model: &mut Model, event: &Event) {
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
        Signal::Notice { text, room, .. } => {
            let hint = room.map_or(String::new(), |room| format!(" /join {room}"));
            model.tell(&format!("{text}{hint}"));
        }
        Signal::You { user } => {
            let before = model.me.replace(user);
            // The answer to the form is on its way; what it asked for is done.
            model.popup =
                model.popup.take().filter(|popup| !matches!(popup, Popup::Form(form) if form.is_busy));
            if let (Some(before), Some(me)) = (before, &model.me) {
                let what = match (before.kind != me.kind, me.role) {
                    (true, _) => format!("You are registered as {} now.", me.name),
                    (false, Role::Admin) => "You are an admin now.".to_owned(),
                    (false, _) if before.role == Role::Admin => "You are an admin no more.".to_owned(),
                    _ => return Vec::new(),
                };
                model.tell(&what);
            }
        }
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
        (
            ask @ (Ask::Join { show: true, .. }
            | Ask::Create { .. }
            | Ask::Private { .. }
            | Ask::Direct { .. }),
            Reply::Joined(joined),
        ) => {
            let name = joined.room.name.clone();
            self::joined(model, *joined);
            let mut effects = show(model, &name);
            if let Ask::Direct { text, .. } = ask
                && !text.is_empty()
            {
                effects.extend(super::typed::text(model, text));
            }
            return effects;
        }
        (_, Reply::Joined(joined)) => self::joined(model, *joined),
        (Ask::Older(name, _), Reply::Messages { messages, more, .. }) => {
            if let Some(room) = model.rooms.get_mut(&name) {
                room.timeline.add_older(messages.iter().map(Item::of).collect(), more);
            }
        }
        (Ask::Leave(name), _) => {
            let effects = gone(model, &name);
            if model.current.is_none() {
                model.tell("You are in no room now. /join lists them.");
            }
            return effects;
        }
        (Ask::Who(room), Reply::Members { mut members, .. }) => {
            members.sort_by_key(|member| !member.online);
            model.popup = Some(Popup::People { room, members, at: 0 });
        }
        (Ask::Audit, Reply::Audit { entries }) => audit(model, &entries),
        (Ask::Sessions, Reply::Sessions { sessions }) => logins(model, &sessions),
        (Ask::Do(Command::Invite(asked)), _) => {
            model.tell(&format!("{} is invited.", asked.user.unwrap_or_default()));
        }
        (Ask::Do(_), _) if model.note.is_none() => model.tell("Done."),
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
    (room.kind, room.mine) = (joined.room.kind, joined.room.mine);
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

/// What came of an account's form.
pub(super) fn account(
    model: &mut Model,
    asked: &Account,
    answer: Result<Option<LoggedIn>, String>,
) -> Vec<Effect> {
    match (asked, answer) {
        (Account::LogOut, Ok(_)) => {
            model.forget_person("You are logged out.");
            model.popup = Some(Popup::Form(Form::new(Purpose::Guest, "", "You are logged out.")));
        }
        (Account::LogOut, Err(why)) => model.complain(&why),
        (_, Ok(_)) => {
            model.popup = None;
            if let Account::Password(_) = asked {
                model.tell("Your password is changed, and your other logins have ended.");
            }
        }
        (_, Err(why)) => match &mut model.popup {
            Some(Popup::Form(form)) => {
                form.is_busy = false;
                form.why = Clean::line(&why);
                if why.contains("invitation") {
                    form.ask_invitation();
                    form.at = form.fields.len() - 1;
                }
            }
            _ => model.complain(&why),
        },
    }
    Vec::new()
}

fn audit(model: &mut Model, entries: &[AuditEntry]) {
    let line = |entry: &AuditEntry| {
        let place = entry.room.as_ref().map_or(String::new(), |room| format!(" in #{room}"));
        let why = entry.reason.as_ref().map_or(String::new(), |reason| format!(": {reason}"));
        let (at, who) = (moment(model, entry.at), &entry.by);
        Clean::line(&format!("{at}  {who}: {} {}{place}{why}", entry.action, entry.target))
    };
    let lines = entries.iter().map(line).collect();
    model.popup = Some(Popup::List { title: Clean::line("What moderators and admins did"), lines, top: 0 });
}

fn logins(model: &mut Model, sessions: &[Login]) {
    let line = |login: &Login| {
        let sign = if login.current { "●" } else { "○" };
        let client = if login.client.is_empty() { "unknown program" } else { &login.client };
        Clean::line(&format!("{sign} {}  {client}  last used {}", login.id, moment(model, login.seen_at)))
    };
    let lines = sessions.iter().map(line).collect();
    model.popup = Some(Popup::List { title: Clean::line("Your logins: /revoke ID ends one"), lines, top: 0 });
}

/// A day and a minute, as the person's clock has them.
fn moment(model: &Model, at: Millis) -> String {
    jiff::Timestamp::from_millisecond(at).map_or_else(
        |_| String::new(),
        |at| at.to_zoned(model.zone.clone()).strftime("%Y-%m-%d %H:%M").to_string(),
    )
}

fn list_rooms(model: &mut Model, rooms: &[RoomSummary]) {
    let line = |room: &RoomSummary| {
        let joined = if room.joined { "●" } else { "○" };
        let members = if room.members == 1 { "member" } else { "members" };
        let sort = if room.kind == RoomKind::Private { "  private" } else { "" };
        match &room.mine.user {
            Some(user) => Clean::line(&format!("{joined} @{}", user.name)),
            None => Clean::line(&format!(
                "{joined} #{}{sort}  {} {members}  {}",
                room.name, room.members, room.topic
            )),
        }
    };
    let title = Clean::line("Rooms: /join NAME goes to one");
    model.popup = Some(Popup::List { title, lines: rooms.iter().map(line).collect(), top: 0 });
}
