//! Lists to choose from: who is in a room, and what one can do with someone. Nothing is offered that would be
//! refused.

use chat_proto::Command;
use chat_proto::command::{Moderate, SetRole};
use chat_proto::reply::{Member, Role};

use crate::clean::Clean;
use crate::keys::Action;
use crate::model::{Act, Choice, Model, Popup};
use crate::msg::{Ask, Effect};
use crate::rights;

/// How far a page goes.
const PAGE: usize = 10;

/// Moves in a list.
pub(super) fn step(at: &mut usize, len: usize, action: Action) {
    let last = len.saturating_sub(1);
    *at = match action {
        Action::Down | Action::Complete => (*at + 1).min(last),
        Action::Up | Action::CompleteBack => at.saturating_sub(1),
        Action::PageDown => (*at + PAGE).min(last),
        Action::PageUp => at.saturating_sub(PAGE),
        _ => *at,
    };
}

/// What can be done with the one chosen.
pub(super) fn of_member(model: &mut Model, room: &str, member: &Member) {
    let mut choices = Vec::new();
    let name = member.user.name.clone();
    let mut add = |label: String, act: Act| choices.push(Choice { label: Clean::line(&label), act });
    let me = model.me.as_ref();
    if me.is_none_or(|me| me.id != member.user.id) {
        let direct = Ask::Direct { user: name.clone(), text: String::new() };
        add(format!("Write to {name} alone"), Act::Do(Effect::Ask(direct)));
    }
    if let Some(shown) = model.rooms.get(room).filter(|shown| rights::may_act_on(me, shown, member)) {
        let asked =
            || Moderate { user: Some(name.clone()), room: Some(room.to_owned()), ..Moderate::default() };
        let done = |command| Act::Do(Effect::Ask(Ask::Do(command)));
        let label = shown.label(room);
        add(format!("Put {name} out of {label} …"), Act::Write(format!("/kick {name} ")));
        if member.muted {
            add(format!("Let {name} speak again"), done(Command::Unmute(asked())));
        } else {
            add(format!("Let {name} only read for a while …"), Act::Write(format!("/mute {name} 10m ")));
        }
        add(format!("Ban {name} from {label} …"), Act::Write(format!("/ban {name} ")));
        for (role, word) in
            [(Role::Owner, "an owner"), (Role::Moderator, "a moderator"), (Role::Member, "a mere member")]
        {
            if member.role != role && rights::may_give(me, shown, role) {
                let asked = SetRole { user: name.clone(), room: Some(room.to_owned()), role };
                add(format!("Make {name} {word} of {label}"), done(Command::Role(asked)));
            }
        }
    }
    if rights::is_admin(me) && !member.admin && me.is_some_and(|me| me.id != member.user.id) {
        add(format!("Let {name} only read, everywhere …"), Act::Write(format!("/mute! {name} 1h ")));
        add(format!("Ban {name} from the server …"), Act::Write(format!("/ban! {name} ")));
    }
    if choices.is_empty() {
        model.tell("That is yourself.");
        return;
    }
    model.popup = Some(Popup::Menu { title: Clean::line(&name), choices, at: 0 });
}

/// Does what was chosen.
pub(super) fn choose(model: &mut Model) -> Vec<Effect> {
    match model.popup.take() {
        Some(Popup::People { room, members, at }) => {
            if let Some(member) = members.get(at) {
                of_member(model, &room, member);
            }
            Vec::new()
        }
        Some(Popup::Menu { choices, at, .. }) => match choices.into_iter().nth(at).map(|choice| choice.act) {
            Some(Act::Write(text)) => {
                model.draft_mut().set(&text);
                Vec::new()
            }
            Some(Act::Do(effect)) => vec![effect],
            Some(Act::Key(c)) => super::select::key(model, c).unwrap_or_default(),
            None => Vec::new(),
        },
        Some(Popup::Found { found, at, .. }) => {
            let around = |found: chat_proto::reply::Found| Ask::Around(found.event.room, found.event.seq);
            found.into_iter().nth(at).map(around).map(Effect::Ask).into_iter().collect()
        }
        other => {
            model.popup = other;
            Vec::new()
        }
    }
}
