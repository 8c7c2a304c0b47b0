//! What happened changes the model, and says what the world should do about it. No I/O, no clock: the loop sets
//! [`Model::now`] before it calls.

mod badges;
mod completing;
mod input;
mod lists;
mod menu;
mod mine;
mod net;
pub mod select;
mod signals;
mod typed;

use chat_proto::updates::Update;

use crate::model::row::Row;
use crate::model::{Model, Popup};
use crate::msg::{Ask, Effect, Msg};

/// How long the newest message must be on the screen to count as read, in milliseconds.
const READ_AFTER_MS: i64 = 700;

/// Takes one thing that happened.
pub fn update(model: &mut Model, msg: Msg) -> Vec<Effect> {
    // The server may send a flood of these: each must cost little, however many rooms there are.
    let is_news = matches!(msg, Msg::Update(Update::Event(_) | Update::Signal(_)));
    // Where one reads moves by what the person does and by pages that come.
    let may_move = !is_news && !matches!(msg, Msg::Insert(_) | Msg::Tick);
    if matches!(msg, Msg::Action(_) | Msg::Insert(_) | Msg::Paste(_) | Msg::Wheel { .. }) {
        model.attention.press(model.now);
    }
    let mut effects = match msg {
        Msg::Action(action) => input::act(model, action),
        Msg::Insert(c) => input::insert(model, c.encode_utf8(&mut [0; 4])),
        Msg::Paste(text) => input::paste(model, &text),
        Msg::Wheel { up } => input::wheel(model, up),
        Msg::Resize(width, height) => {
            model.size = (width, height);
            Vec::new()
        }
        Msg::Focus(focused) => {
            model.attention.tell(focused);
            Vec::new()
        }
        Msg::Update(update) => net::update(model, update),
        Msg::Answer(ask, answer) => net::answer(model, ask, answer),
        Msg::Account(asked, answer) => lists::account(model, &asked, answer),
        Msg::Uploading(name, sent, size) => {
            // What was given up may still be heard of.
            if let Some(upload) = &mut model.upload {
                *upload = (name, sent, size);
            }
            Vec::new()
        }
        Msg::Uploaded(upload, done) => typed::uploaded(model, upload, done),
        Msg::Picture(url, size, picture) => {
            model.pictures.put(&url, size, picture);
            Vec::new()
        }
        Msg::Paths(typed, paths) => completing::paths(model, &typed, paths),
        Msg::Told(told) => {
            match told {
                Ok(text) => model.tell(&text),
                Err(text) => model.complain(&text),
            }
            Vec::new()
        }
        Msg::Tick => Vec::new(),
    };
    if !is_news {
        pass_time(model);
    }
    warn_of_loss(model, &mut effects);
    if may_move {
        effects.extend(load_older(model));
    }
    badges::looked_away(model);
    effects.extend(mark_read(model));
    effects.extend(badges::ask(model));
    for effect in &effects {
        if let Effect::Ask(Ask::Rooms { show }) = effect {
            badges::asked(model, *show);
        }
    }
    effects
}

/// Says where messages would be lost: as each is written, and once before the person leaves.
fn warn_of_loss(model: &mut Model, effects: &mut Vec<Effect>) {
    if effects.iter().any(|effect| matches!(effect, Effect::Post { .. })) {
        model.knows_loss = false;
        model.warn_of_loss();
    }
    let lost = model.unkept();
    if lost > 0 && !model.knows_loss && effects.contains(&Effect::Quit) {
        effects.retain(|effect| *effect != Effect::Quit);
        model.knows_loss = true;
        let why = model.unkept.clone().unwrap_or_default();
        let why = why.as_str().trim_end_matches('.');
        let what = if lost == 1 { "1 message is".to_owned() } else { format!("{lost} messages are") };
        model.complain(&format!(
            "{what} not on disk and will be lost: {why}. Quit again to leave all the same."
        ));
    }
}

/// Asks for the pictures on the screen that are not held yet.
pub fn wanted(model: &mut Model) -> Vec<Effect> {
    let (Some(room), true) = (model.room(), model.canvas.is_some()) else { return Vec::new() };
    let mut effects = Vec::new();
    for row in room.timeline.visible(&model.page()) {
        if let Row::Picture { url, size, .. } = row
            && !model.pictures.knows(&url, size)
        {
            model.pictures.put(&url, size, None);
            effects.push(Effect::Picture(url, size));
        }
    }
    effects
}

/// Forgets what is over by now.
fn pass_time(model: &mut Model) {
    let now = model.now;
    for room in model.rooms.values_mut() {
        room.typing.retain(|(_, until)| *until > now);
        room.mine.muted = room.mine.muted.take().filter(|mute| mute.holds(now));
    }
    model.quit_until = model.quit_until.filter(|until| *until > now);
}

/// Loads older messages as the reader comes near the first one held.
fn load_older(model: &mut Model) -> Option<Effect> {
    let page = model.page();
    let name = model.current.clone()?;
    let timeline = &mut model.room_mut()?.timeline;
    let first = timeline.wants_older(&page)?;
    timeline.older = crate::model::timeline::Older::Loading;
    Some(Effect::Ask(Ask::Older(name, first)))
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
fn mark_read(model: &mut Model) -> Option<Effect> {
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
            Some(badges::read(model, &name, newest))
        }
    }
}

/// Shows another room: what is new there is marked, and it is loaded if it was not yet.
fn show(model: &mut Model, name: &str) -> Vec<Effect> {
    if model.current.as_deref() == Some(name) {
        return Vec::new();
    }
    if let Some(before) = model.room_mut() {
        (before.divider, before.seen) = (None, 0);
        before.recount();
    }
    model.current = Some(name.to_owned());
    (model.completion, model.recalled, model.read_due) = (None, None, None);
    (model.selected, model.about) = (None, None);
    let Some(room) = model.room_mut() else { return Vec::new() };
    room.left_unread = 0;
    room.divider = (room.unread > 0).then_some(room.read);
    let mut effects = Vec::new();
    if !room.timeline.loaded || room.online.is_empty() {
        effects.push(Effect::Ask(Ask::Join { room: name.to_owned(), show: false }));
    }
    if !std::mem::replace(&mut model.was_in_room, true) {
        begin(model, &mut effects);
    }
    effects
}

/// The first room is there: what was written before goes there, and what is being written with it.
fn begin(model: &mut Model, effects: &mut Vec<Effect>) {
    let early = std::mem::take(&mut model.early_posts);
    if let (Some(room), false) = (model.current.clone(), early.is_empty()) {
        if let Some(shown) = model.room_mut() {
            shown.timeline.pending.extend(early.into_iter().map(|early| early.shown));
        }
        effects.push(Effect::Place(room));
    }
    let draft = std::mem::take(&mut model.early);
    *model.draft_mut() = draft;
}
