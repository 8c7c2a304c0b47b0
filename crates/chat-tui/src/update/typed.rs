//! What was typed and sent: messages and commands.

use chat_proto::command::{Edit, Moderate, Revoke, SetNotify, SetRole};
use chat_proto::emoji::replace_shortcodes;
use chat_proto::event::File;
use chat_proto::reply::{Notify, Role};
use chat_proto::{Command, Emoji};

use crate::clean::Clean;
use crate::model::composer::Composer;
use crate::model::form::{Form, Purpose};
use crate::model::item::file_line;
use crate::model::timeline::Pending;
use crate::model::{About, Early, Model, Popup};
use crate::msg::{Account, Ask, Effect, Upload};
use crate::slash::duration;

pub(super) fn text(model: &mut Model, text: String) -> Vec<Effect> {
    let Some(room) = model.current.clone() else { return early(model, &text) };
    let reply_to = match model.about.take() {
        Some(About::Edit(seq)) => {
            let edit = Command::Edit(Edit { room, seq, text: replace_shortcodes(&text) });
            return vec![Effect::Ask(Ask::Do(edit))];
        }
        Some(About::Reply(seq)) => Some(seq),
        None => None,
    };
    let text = replace_shortcodes(&text);
    let nonce = model.new_nonce();
    model.typing_sent = 0;
    if let Some(shown) = model.room_mut() {
        shown.timeline.pending.push(Pending::new(&nonce, &text));
        shown.timeline.to_newest();
    }
    vec![Effect::Post { nonce, room, text, reply_to, files: Vec::new() }]
}

/// A message that is written before there is a room: it waits for the first one.
fn early(model: &mut Model, text: &str) -> Vec<Effect> {
    let text = replace_shortcodes(text);
    let nonce = model.new_nonce();
    model.early_posts.push(Early { shown: Pending::new(&nonce, &text), text: text.clone() });
    vec![Effect::Post { nonce, room: String::new(), text, reply_to: None, files: Vec::new() }]
}

/// A file to be uploaded and sent.
fn upload(model: &mut Model, typed: &str) -> Vec<Effect> {
    let Some(room) = model.current.clone() else {
        return complain(model, "You are in no room. /join ROOM goes to one.");
    };
    if model.upload.is_some() {
        return complain(model, "One file is on its way already. Wait for it, or give it up with Esc.");
    }
    let reply_to = match model.about.take() {
        Some(About::Reply(seq)) => Some(seq),
        _ => None,
    };
    model.upload = Some((Clean::line(typed), 0, 0));
    vec![Effect::Upload(Upload { typed: typed.to_owned(), room, reply_to })]
}

/// A file is there: the message that bears it goes.
pub(super) fn uploaded(model: &mut Model, upload: Upload, done: Result<File, String>) -> Vec<Effect> {
    model.upload = None;
    let file = match done {
        Ok(file) => file,
        Err(why) => return complain(model, &why),
    };
    let text = replace_shortcodes(&crate::files::path_and_text(&upload.typed).1);
    let nonce = model.new_nonce();
    if let Some(shown) = model.rooms.get_mut(&upload.room) {
        let line = format!("{text} {}", file_line(&file));
        shown.timeline.pending.push(Pending::new(&nonce, line.trim_start()));
        shown.timeline.to_newest();
    }
    let (room, reply_to) = (upload.room, upload.reply_to);
    vec![Effect::Post { nonce, room, text, reply_to, files: vec![file.id] }]
}

/// The chosen message, or the newest one that bears a file.
fn with_files(model: &mut Model) -> Option<Vec<File>> {
    let chosen = model.selected.take();
    let timeline = &model.room()?.timeline;
    let item = match chosen {
        Some(seq) => timeline.message(seq),
        None => timeline.newest_with_files(),
    };
    item.map(|item| item.more.files.clone()).filter(|files| !files.is_empty())
}

pub(super) fn command(model: &mut Model, name: &str, rest: &str) -> Vec<Effect> {
    let (first, more) = rest.split_once(' ').unwrap_or((rest, ""));
    let room = first.trim_start_matches('#').to_owned();
    let topic = more.trim().to_owned();
    match name {
        "/help" => {
            model.popup = Some(Popup::Help { commands: true });
            Vec::new()
        }
        "/quit" => vec![Effect::Quit],
        "/register" | "/login" | "/password" | "/logout" => account(model, name, first),
        "/join" if room.is_empty() => ask(Ask::Rooms { show: true }),
        "/join" if model.rooms.contains_key(&room) => super::show(model, &room),
        "/join" => ask(Ask::Join { room, show: true }),
        "/create" | "/private" if room.is_empty() => {
            complain(model, &format!("{name} needs a name: {name} dev What we build"))
        }
        "/create" => ask(Ask::Create { room, topic }),
        "/private" => ask(Ask::Private { room, topic }),
        "/dm" => match user(first) {
            Some(user) => ask(Ask::Direct { user, text: topic }),
            None => complain(model, "/dm needs a name: /dm bob Are you there?"),
        },
        "/search" if rest.is_empty() => complain(model, "/search needs a word: /search migration from:bob"),
        "/search" => ask(Ask::Search(rest.to_owned())),
        "/react" => {
            let target = model.selected.take().or_else(|| model.room()?.timeline.neighbour(None, true));
            match (target, first) {
                (Some(seq), "") => {
                    model.popup = Some(Popup::Emoji { target: seq, filter: Composer::default(), at: 0 });
                    Vec::new()
                }
                (Some(seq), emoji) => match Emoji::parse(emoji) {
                    Ok(emoji) => super::select::react(model, seq, emoji.as_str().to_owned()),
                    Err(refusal) => complain(model, &refusal.message),
                },
                (None, _) => complain(model, "There is no message to react to."),
            }
        }
        "/upload" if rest.is_empty() => complain(model, "/upload needs a path: /upload ~/cat.jpg My cat"),
        "/upload" => upload(model, rest),
        "/save" => match with_files(model) {
            Some(files) => vec![Effect::Save(files, (!rest.is_empty()).then(|| rest.to_owned()))],
            None => complain(model, "No message here bears a file."),
        },
        "/open" => match with_files(model).and_then(|files| files.into_iter().next()) {
            Some(file) => super::select::open_file(model, file),
            None => complain(model, "No message here bears a file."),
        },
        "/notify" => {
            let level = match first {
                "all" => Notify::All,
                "mentions" => Notify::Mentions,
                "none" => Notify::None,
                _ => return complain(model, "/notify all, /notify mentions or /notify none"),
            };
            let Some(room) = model.current.clone() else { return Vec::new() };
            if let Some(shown) = model.room_mut() {
                shown.notify = level;
            }
            ask(Ask::Do(Command::Notify(SetNotify { room, level })))
        }
        "/audit" => ask(Ask::Audit),
        "/sessions" => ask(Ask::Sessions),
        "/revoke" if first.is_empty() => complain(model, "/revoke needs an id, which /sessions lists."),
        "/revoke" => ask(Ask::Do(Command::Revoke(Revoke { session: first.to_owned() }))),
        "/leave" | "/who" | "/topic" => in_room(model, name, room, rest),
        "/role" | "/role!" => role(model, name, first, more.trim()),
        "/banaddr" | "/unbanaddr" => address(model, name, rest),
        _ => moderate(model, name, rest),
    }
}

fn ask(what: Ask) -> Vec<Effect> {
    vec![Effect::Ask(what)]
}

fn complain(model: &mut Model, text: &str) -> Vec<Effect> {
    model.complain(text);
    Vec::new()
}

/// A name as people write one.
fn user(word: &str) -> Option<String> {
    let name = word.trim_start_matches('@').trim_end_matches([',', ':']);
    (!name.is_empty()).then(|| name.to_owned())
}

fn in_room(model: &mut Model, name: &str, room: String, rest: &str) -> Vec<Effect> {
    let named = (name == "/leave" && !room.is_empty()).then_some(room);
    let Some(room) = named.or_else(|| model.current.clone()) else {
        return complain(model, "You are in no room. /join ROOM goes to one.");
    };
    ask(match name {
        "/leave" => Ask::Leave(room),
        "/who" => Ask::Who(room),
        _ => Ask::Topic(room, rest.to_owned()),
    })
}

/// The forms about accounts.
fn account(model: &mut Model, command: &str, first: &str) -> Vec<Effect> {
    let mine = model.me.as_ref().map_or(String::new(), |me| me.name.clone());
    let form = match command {
        "/logout" => return vec![Effect::Account(Account::LogOut)],
        "/register" => Form::new(
            Purpose::Register,
            &mine,
            "Your name will be yours, wherever you come from. What you said and your rooms stay.",
        ),
        "/login" => Form::new(
            Purpose::LogIn,
            first.trim_start_matches('@'),
            "Log in with a name that has a password.",
        ),
        _ => Form::new(Purpose::Password, "", "Your other logins end with the old password."),
    };
    model.popup = Some(Popup::Form(form));
    Vec::new()
}

/// The room that a command is about: the one shown, or with a `!` the whole server.
fn place(model: &mut Model, command: &str) -> Result<Option<String>, Vec<Effect>> {
    match (command.ends_with('!'), model.current.clone()) {
        (true, _) => Ok(None),
        (false, Some(room)) => Ok(Some(room)),
        (false, None) => Err(complain(model, "You are in no room. /join ROOM goes to one.")),
    }
}

fn moderate(model: &mut Model, command: &str, rest: &str) -> Vec<Effect> {
    let room = match place(model, command) {
        Ok(room) => room,
        Err(told) => return told,
    };
    let (first, more) = rest.split_once(' ').unwrap_or((rest, ""));
    let Some(user) = user(first) else {
        return complain(model, &format!("{command} needs a name: {command} bob"));
    };
    let kind = command.trim_end_matches('!');
    let (for_ms, reason) = if matches!(kind, "/mute" | "/ban") { term(more) } else { (None, more.trim()) };
    let reason = (!reason.is_empty()).then(|| reason.to_owned());
    let asked = Moderate { user: Some(user), room, reason, for_ms, address: None };
    ask(Ask::Do(match kind {
        "/invite" => Command::Invite(asked),
        "/kick" => Command::Kick(asked),
        "/mute" => Command::Mute(asked),
        "/unmute" => Command::Unmute(asked),
        "/ban" => Command::Ban(asked),
        _ => Command::Unban(asked),
    }))
}

/// A time before the reason, if there is one.
fn term(rest: &str) -> (Option<u64>, &str) {
    let (word, reason) = rest.trim().split_once(' ').unwrap_or((rest.trim(), ""));
    match duration(word) {
        Some(ms) => (Some(ms), reason.trim()),
        None => (None, rest.trim()),
    }
}

/// A ban of where someone comes from, or of an address alone.
fn address(model: &mut Model, command: &str, rest: &str) -> Vec<Effect> {
    let (first, more) = rest.split_once(' ').unwrap_or((rest, ""));
    let Some(whom) = user(first) else {
        return complain(model, "Give a name or an address: /banaddr bob, /banaddr 203.0.113.7");
    };
    let is_address = whom.split('/').next().is_some_and(|ip| ip.parse::<std::net::IpAddr>().is_ok());
    let (user, address) = if is_address { (None, whom) } else { (Some(whom), "current".to_owned()) };
    let (for_ms, reason) = term(more);
    let reason = (!reason.is_empty()).then(|| reason.to_owned());
    let asked = Moderate { user, room: None, reason, for_ms, address: Some(address) };
    ask(Ask::Do(if command == "/banaddr" { Command::Ban(asked) } else { Command::Unban(asked) }))
}

fn role(model: &mut Model, command: &str, first: &str, word: &str) -> Vec<Effect> {
    let room = match place(model, command) {
        Ok(room) => room,
        Err(told) => return told,
    };
    let role = match word {
        "admin" => Role::Admin,
        "owner" => Role::Owner,
        "moderator" | "mod" => Role::Moderator,
        "member" => Role::Member,
        _ => return complain(model, "A role is owner, moderator or member; with /role! admin or member."),
    };
    match user(first) {
        Some(user) => ask(Ask::Do(Command::Role(SetRole { user, room, role }))),
        None => complain(model, "/role needs a name: /role bob moderator"),
    }
}
