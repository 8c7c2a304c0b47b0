//! Choosing a message, and what one can do with it: answer, react, change, delete, pin. Nothing is offered that
//! would be refused.

use chat_proto::command::{OfMessage, React};
use chat_proto::event::File;
use chat_proto::reply::RoomKind;
use chat_proto::{Command, Seq};

use super::menu;
use crate::clean::Clean;
use crate::files::kind;
use crate::keys::Action;
use crate::model::composer::Composer;
use crate::model::{About, Act, Choice, Model, Popup};
use crate::msg::{Ask, Effect};
use crate::rights::{self, Needs};

/// Chooses the next message up or down; below the newest, none.
pub(super) fn step(model: &mut Model, back: bool) {
    let page = model.page();
    let from = model.selected;
    let Some(room) = model.room_mut() else { return };
    let next = room.timeline.neighbour(from, back);
    match (next, back) {
        (Some(seq), _) => {
            room.timeline.show(seq, &page);
            model.selected = Some(seq);
        }
        (None, true) => {}
        (None, false) => model.selected = None,
    }
}

/// To the first message that is new in the room shown.
pub(super) fn first_unread(model: &mut Model) -> Vec<Effect> {
    let read = model.room().map(|room| room.divider.unwrap_or(room.read)).unwrap_or_default();
    let head = model.room().map_or(0, |room| room.head.max(room.timeline.last_seq()));
    if head <= read {
        model.tell("There is nothing new here.");
        return Vec::new();
    }
    to(model, read + 1)
}

/// To the next message that names the person, behind the chosen one or else behind what they have read; those that
/// are not held are looked for.
pub(super) fn next_mention(model: &mut Model) -> Vec<Effect> {
    let Some(me) = model.me.as_ref().map(|me| me.name.clone()) else { return Vec::new() };
    let selected = model.selected;
    let Some(room) = model.room() else { return Vec::new() };
    let from = selected.unwrap_or(room.divider.unwrap_or(room.read));
    match room.timeline.naming(&me, from) {
        Some(seq) => to(model, seq),
        None => vec![Effect::Ask(Ask::Search(format!("\"{me}\"")))],
    }
}

/// Chooses a message and shows it, loading what is around it where it is not held.
fn to(model: &mut Model, seq: Seq) -> Vec<Effect> {
    let page = model.page();
    let Some(name) = model.current.clone() else { return Vec::new() };
    let Some(room) = model.room_mut() else { return Vec::new() };
    match room.timeline.at_or_behind(seq) {
        Some(seq) => {
            room.timeline.show(seq, &page);
            model.selected = Some(seq);
            Vec::new()
        }
        None => vec![Effect::Ask(Ask::Around(name, seq))],
    }
}

/// What may be done with the chosen message.
struct May {
    own: bool,
    write: bool,
    delete: bool,
    pin: bool,
}

fn may(model: &Model, seq: Seq) -> Option<May> {
    let room = model.room()?;
    let own =
        model.me.as_ref().is_some_and(|me| room.timeline.message(seq).is_some_and(|item| item.by == me.id));
    let moderates = rights::has(Needs::Moderator, model.me.as_ref(), Some(room));
    let write = room.mine.muted.is_none();
    let pin = (moderates || room.kind == RoomKind::Direct) && write;
    Some(May { own, write, delete: own || moderates, pin })
}

/// A key while a message is chosen. None where it means nothing here.
pub(super) fn key(model: &mut Model, c: char) -> Option<Vec<Effect>> {
    let seq = model.selected?;
    let may = may(model, seq)?;
    match c {
        'r' if may.write => answer(model, seq),
        'e' if may.own && may.write => edit(model, seq),
        '+' | ':' if may.write => {
            model.popup = Some(Popup::Emoji { target: seq, filter: Composer::default(), at: 0 });
        }
        'd' if may.delete => ask_delete(model, seq),
        'p' if may.pin => return Some(pin(model, seq)),
        's' if !files(model, seq).is_empty() => {
            model.selected = None;
            return Some(vec![Effect::Save(files(model, seq), None)]);
        }
        'o' => return open_first(model, seq),
        'k' => step(model, true),
        'j' => step(model, false),
        _ => return None,
    }
    Some(Vec::new())
}

fn files(model: &Model, seq: Seq) -> Vec<File> {
    let message = model.room().and_then(|room| room.timeline.message(seq));
    message.map_or(Vec::new(), |item| item.more.files.clone())
}

/// Opens a message's first file, or without one its first link. None where it has neither.
fn open_first(model: &mut Model, seq: Seq) -> Option<Vec<Effect>> {
    if let Some(file) = files(model, seq).into_iter().next() {
        model.selected = None;
        return Some(open_file(model, file));
    }
    let text = model.room()?.timeline.message(seq)?.text.as_str();
    let effect = Effect::OpenLink(chat_markup::tree::first_link(text)?);
    model.selected = None;
    Some(vec![effect])
}

/// Opens a file that can only be looked at, and asks before any other.
pub(super) fn open_file(model: &mut Model, file: File) -> Vec<Effect> {
    let Err(why) = kind::check(&file) else { return vec![Effect::Open(file)] };
    let lines = [
        format!("Open {}?", Clean::line(&chat_proto::file_name(&file.name))),
        format!("Its type is {}. {why}", Clean::line(&file.media_type)),
        "Open it only if you know what it is. /save keeps it without opening it.".to_owned(),
    ];
    let lines = lines.iter().map(|line| Clean::line(line)).collect();
    model.popup = Some(Popup::Question { lines, effect: Effect::Open(file) });
    Vec::new()
}

fn answer(model: &mut Model, seq: Seq) {
    (model.about, model.selected) = (Some(About::Reply(seq)), None);
}

fn edit(model: &mut Model, seq: Seq) {
    let Some(text) =
        model.room().and_then(|room| room.timeline.message(seq)).map(|item| item.text.to_string())
    else {
        return;
    };
    model.draft_mut().set(&text);
    (model.about, model.selected) = (Some(About::Edit(seq)), None);
}

fn of_message(model: &Model, seq: Seq) -> Option<OfMessage> {
    Some(OfMessage { room: model.current.clone()?, seq })
}

fn ask_delete(model: &mut Model, seq: Seq) {
    let Some(asked) = of_message(model, seq) else { return };
    let choice = |label: &str, act| Choice { label: Clean::line(label), act };
    let choices = vec![
        choice("Keep it", Act::Write(String::new())),
        choice("Delete it, for everyone", Act::Do(Effect::Ask(Ask::Do(Command::Delete(asked))))),
    ];
    model.selected = None;
    model.popup = Some(Popup::Menu { title: Clean::line("Delete this message?"), choices, at: 0 });
}

fn pin(model: &mut Model, seq: Seq) -> Vec<Effect> {
    let Some(asked) = of_message(model, seq) else { return Vec::new() };
    let is_pinned =
        model.room().and_then(|room| room.timeline.message(seq)).is_some_and(|item| item.more.is_pinned);
    model.selected = None;
    vec![Effect::Ask(Ask::Do(if is_pinned { Command::Unpin(asked) } else { Command::Pin(asked) }))]
}

/// The menu on the chosen message.
pub(super) fn open(model: &mut Model) {
    let Some((seq, may)) = model.selected.and_then(|seq| Some((seq, may(model, seq)?))) else { return };
    let Some(asked) = of_message(model, seq) else { return };
    let bears = !files(model, seq).is_empty();
    let leads = model.room().and_then(|room| room.timeline.message(seq));
    let leads = leads.is_some_and(|item| chat_markup::tree::first_link(item.text.as_str()).is_some());
    let keys = [
        (may.write, "Answer (r)", 'r'),
        (may.write, "React (+)", '+'),
        (bears, "Save its files (s)", 's'),
        (bears || leads, if bears { "Open its file (o)" } else { "Open its link (o)" }, 'o'),
        (may.own && may.write, "Change (e)", 'e'),
        (may.delete, "Delete (d)", 'd'),
        (may.pin, "Pin or unpin (p)", 'p'),
    ];
    let choices = keys
        .into_iter()
        .filter(|(may, ..)| *may)
        .map(|(_, label, key)| Choice { label: Clean::line(label), act: Act::Key(key) });
    let choices: Vec<Choice> = choices.collect();
    if !choices.is_empty() {
        let title = Clean::line(&format!("Message {}", asked.seq));
        model.popup = Some(Popup::Menu { title, choices, at: 0 });
    }
}

/// The emoji that the picker shows.
#[must_use]
pub fn offered(filter: &str) -> Vec<(&'static str, &'static str)> {
    const USUAL: [&str; 12] = [
        "+1",
        "-1",
        "heart",
        "joy",
        "tada",
        "rocket",
        "eyes",
        "thinking",
        "cry",
        "fire",
        "100",
        "white_check_mark",
    ];
    if filter.is_empty() {
        let usual = USUAL.iter().filter_map(|code| {
            chat_proto::emoji::beginning_with(code).into_iter().find(|(known, _)| known == code)
        });
        return usual.collect();
    }
    let mut fits = chat_proto::emoji::beginning_with(filter.trim_start_matches(':'));
    // Terminals do not agree on how wide flags are.
    fits.retain(|(_, emoji)| !emoji.chars().any(|c| ('\u{1f1e6}'..='\u{1f1ff}').contains(&c)));
    fits
}

/// A key in the picker.
pub(super) fn pick(model: &mut Model, action: Action) -> Vec<Effect> {
    let Some(Popup::Emoji { target, filter, at }) = &mut model.popup else { return Vec::new() };
    let shown = offered(filter.text());
    match action {
        Action::Send => {
            let (target, chosen) = (*target, shown.get(*at).map(|(_, emoji)| (*emoji).to_owned()));
            (model.popup, model.selected) = (None, None);
            let mut effects = chosen.map_or(Vec::new(), |emoji| react(model, target, emoji));
            effects.insert(0, Effect::Redraw);
            return effects;
        }
        Action::Up
        | Action::Down
        | Action::PageUp
        | Action::PageDown
        | Action::Complete
        | Action::CompleteBack => {
            menu::step(at, shown.len(), action);
        }
        Action::Backspace => {
            filter.backspace();
            *at = 0;
        }
        _ => {
            model.popup = None;
            // Of some emoji a terminal leaves traces where it thinks them wider.
            return vec![Effect::Redraw];
        }
    }
    Vec::new()
}

/// Puts an emoji on a message, or takes it back where it is there already.
pub(super) fn react(model: &Model, seq: Seq, emoji: String) -> Vec<Effect> {
    let Some(room) = model.current.clone() else { return Vec::new() };
    let me = model.me.as_ref().map(|me| me.name.as_str()).unwrap_or_default();
    let shown = Clean::line(&emoji);
    let message = model.room().and_then(|room| room.timeline.message(seq));
    let is_there = message.is_some_and(|item| {
        item.more
            .reactions
            .iter()
            .any(|(known, users)| *known == shown && users.iter().any(|user| user == me))
    });
    let asked = React { room, seq, emoji };
    vec![Effect::Ask(Ask::Do(if is_there { Command::Unreact(asked) } else { Command::React(asked) }))]
}
