//! Strategies for every command.

use chat_proto::command::{
    Audit, Create, Direct, Edit, Format, Hello, History, InRoom, Join, ListRooms, Members, Moderate,
    OfMessage, React, Read, Revoke, Search, Send, SetNotify, SetRole, SetTopic,
};
use chat_proto::room::Notify;
use chat_proto::user::Role;
use chat_proto::{Command, Token};
use proptest::collection::btree_map;
use proptest::option::of;
use proptest::prelude::*;

use super::{millis, seq, text, texts};

pub(super) fn command() -> BoxedStrategy<Command> {
    prop_oneof![messages(), rooms(), users(), others()].boxed()
}

fn of_message() -> BoxedStrategy<OfMessage> {
    (text(), seq()).prop_map(|(room, seq)| OfMessage { room, seq }).boxed()
}

fn react() -> BoxedStrategy<React> {
    (text(), seq(), text()).prop_map(|(room, seq, emoji)| React { room, seq, emoji }).boxed()
}

fn messages() -> BoxedStrategy<Command> {
    let send = (text(), text(), text(), of(seq()), texts())
        .prop_map(|(room, nonce, text, reply_to, files)| Send { room, nonce, text, reply_to, files });
    let edit = (text(), seq(), text()).prop_map(|(room, seq, text)| Edit { room, seq, text });
    let search = (text(), of(text()), of(text()), of(millis()), of(any::<u64>()))
        .prop_map(|(query, room, from, before, limit)| Search { query, room, from, before, limit });
    let history = (text(), of(seq()), of(seq()), of(seq()), of(any::<u64>()))
        .prop_map(|(room, before, after, around, limit)| History { room, before, after, around, limit });
    prop_oneof![
        send.prop_map(Command::Send),
        edit.prop_map(Command::Edit),
        of_message().prop_map(Command::Delete),
        react().prop_map(Command::React),
        react().prop_map(Command::Unreact),
        of_message().prop_map(Command::Pin),
        of_message().prop_map(Command::Unpin),
        search.prop_map(Command::Search),
        history.prop_map(Command::History),
    ]
    .boxed()
}

fn in_room() -> BoxedStrategy<InRoom> {
    text().prop_map(|room| InRoom { room }).boxed()
}

fn rooms() -> BoxedStrategy<Command> {
    let join =
        (text(), of(seq()), of(any::<u64>())).prop_map(|(room, after, limit)| Join { room, after, limit });
    let level = prop_oneof![Just(Notify::All), Just(Notify::Mentions), Just(Notify::None)];
    let notify = (text(), level).prop_map(|(room, level)| SetNotify { room, level });
    let create =
        (text(), of(text()), of(text())).prop_map(|(room, kind, topic)| Create { room, kind, topic });
    let topic = (text(), text()).prop_map(|(room, topic)| SetTopic { room, topic });
    let read = (text(), seq()).prop_map(|(room, seq)| Read { room, seq });
    let members = (text(), of(text()), of(any::<u64>())).prop_map(|(room, prefix, limit)| Members {
        room,
        prefix,
        limit,
    });
    prop_oneof![
        join.prop_map(Command::Join),
        in_room().prop_map(Command::Leave),
        in_room().prop_map(Command::Typing),
        notify.prop_map(Command::Notify),
        of(text()).prop_map(|after| Command::Rooms(ListRooms { after })),
        create.prop_map(Command::Create),
        topic.prop_map(Command::Topic),
        read.prop_map(Command::Read),
        members.prop_map(Command::Members),
    ]
    .boxed()
}

fn moderate() -> BoxedStrategy<Moderate> {
    (of(text()), of(text()), of(text()), of(any::<u64>()), of(text()))
        .prop_map(|(user, room, reason, for_ms, address)| Moderate { user, room, reason, for_ms, address })
        .boxed()
}

fn users() -> BoxedStrategy<Command> {
    let roles = [Role::Admin, Role::Owner, Role::Moderator, Role::Member, Role::Guest];
    let role = (text(), of(text()), proptest::sample::select(roles.to_vec()))
        .prop_map(|(user, room, role)| SetRole { user, room, role });
    prop_oneof![
        text().prop_map(|user| Command::Direct(Direct { user })),
        moderate().prop_map(Command::Invite),
        moderate().prop_map(Command::Kick),
        moderate().prop_map(Command::Mute),
        moderate().prop_map(Command::Unmute),
        moderate().prop_map(Command::Ban),
        moderate().prop_map(Command::Unban),
        role.prop_map(Command::Role),
    ]
    .boxed()
}

fn others() -> BoxedStrategy<Command> {
    let format = of(prop_oneof![Just(Format::Text), Just(Format::Html)]);
    let names = (of(text()), of(text().prop_map(Token::new)), of(text()));
    let hello = (any::<u32>(), names, format, btree_map(text(), seq(), 0..4), of(text())).prop_map(
        |(protocol, (name, token, client), format, resume, log)| Hello {
            protocol,
            name,
            token,
            client,
            format,
            resume,
            log,
        },
    );
    let audit = (of(any::<u64>()), of(millis())).prop_map(|(limit, before)| Audit { limit, before });
    prop_oneof![
        hello.prop_map(Command::Hello),
        audit.prop_map(Command::Audit),
        Just(Command::Sessions {}),
        text().prop_map(|session| Command::Revoke(Revoke { session })),
        Just(Command::Ping {}),
    ]
    .boxed()
}
