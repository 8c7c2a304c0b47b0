//! People: the members of a room, and actions on one of them. Only actions that the server would allow are offered.

use chat_proto::Command;
use chat_proto::command::{Moderate, SetRole};
use chat_proto::policy::Right;
use chat_proto::room::Member;
use chat_proto::user::Role;

use crate::clean::Clean;
use crate::model::item::a_role;
use crate::model::picker::Picker;
use crate::model::{Choice, Choose, Model, Popup};
use crate::msg::Ask;
use crate::rights;

/// Shows the members of a room, those who are online first.
pub(super) fn list(model: &mut Model, room: String, mut members: Vec<Member>) {
    members.sort_by_key(|member| !member.online);
    model.popup = Some(Popup::People { room, members: Picker::new(members) });
}

/// Updates who is online in a room.
pub(super) fn online(model: &mut Model, room: &str, members: Vec<Member>) {
    if let Some(room) = model.rooms.get_mut(room) {
        let online = members.into_iter().filter(|member| member.online);
        room.online = online.map(|member| (member.user.name.clone(), member.user)).collect();
    }
}

/// Shows the menu for a member.
pub(super) fn menu(model: &mut Model, room: &str, member: &Member) {
    let name = member.user.name.as_str();
    let me = model.me.as_ref();
    let is_me = me.is_some_and(|me| me.id == member.user.id);
    let mut choices = Vec::new();
    let mut add = |label: String, does| choices.push(Choice { label: Clean::line(&label), does });
    if !is_me {
        let direct = Ask::Direct { user: name.to_owned(), text: String::new() };
        add(format!("Message {name}"), Choose::Effect(direct.into()));
    }
    if let Some(shown) = model.rooms.get(room).filter(|shown| rights::may_act_on(model, shown, member)) {
        let does = |command| Choose::Effect(Ask::Do(command).into());
        let label = shown.label(room);
        add(format!("Kick {name} from {label}…"), Choose::Write(format!("/kick {name} ")));
        if member.muted {
            let asked =
                Moderate { user: Some(name.to_owned()), room: Some(room.to_owned()), ..Moderate::default() };
            add(format!("Unmute {name}"), does(Command::Unmute(asked)));
        } else {
            add(format!("Mute {name}…"), Choose::Write(format!("/mute {name} 10m ")));
        }
        add(format!("Ban {name} from {label}…"), Choose::Write(format!("/ban {name} ")));
        for role in [Role::Owner, Role::Moderator, Role::Member] {
            if member.role != role && rights::may_in(model, shown, Right::Grant(role)) {
                let asked = SetRole { user: name.to_owned(), room: Some(room.to_owned()), role };
                add(format!("Make {name} {} of {label}", a_role(role)), does(Command::Role(asked)));
            }
        }
    }
    if rights::is_admin(me) && !member.admin && !is_me {
        add(format!("Mute {name} on the whole server…"), Choose::Write(format!("/mute! {name} 1h ")));
        add(format!("Ban {name} from the server…"), Choose::Write(format!("/ban! {name} ")));
    }
    if choices.is_empty() {
        model.tell("That is you.");
        return;
    }
    model.popup = Some(Popup::menu(name, choices));
}
