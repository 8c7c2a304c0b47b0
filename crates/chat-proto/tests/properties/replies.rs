//! Strategies for every frame from the server.

use chat_proto::event::{Change, File, MemberChange, Message, Reacted, Reaction};
use chat_proto::limits::Limits;
use chat_proto::reply::{AuditEntry, Done, Failure, Found, Joined, Login, Server, Welcome};
use chat_proto::room::{JoinedRoom, Member, Mine, Mute, Notify, RoomKind, RoomSummary};
use chat_proto::signal::GoodbyeCode;
use chat_proto::user::{Me, Role, UserKind};
use chat_proto::{ErrorCode, Event, Reply, ServerFrame, Signal, Token, What};
use proptest::collection::vec;
use proptest::option::of;
use proptest::prelude::*;

use super::{id, millis, seq, text, texts, user};

pub(super) fn frame() -> BoxedStrategy<ServerFrame> {
    prop_oneof![
        (id(), reply()).prop_map(|(id, reply)| ServerFrame::Reply { id, reply }),
        event().prop_map(ServerFrame::Event),
        signal().prop_map(ServerFrame::Signal),
    ]
    .boxed()
}

/// A word that this version knows, or any other.
fn word<T: for<'a> From<&'a str> + std::fmt::Debug>(known: &'static [&'static str]) -> BoxedStrategy<T> {
    let known = proptest::sample::select(known).prop_map(str::to_owned);
    prop_oneof![known, text()].prop_map(|word| T::from(&word)).boxed()
}

fn role() -> BoxedStrategy<Role> {
    word(&["admin", "owner", "moderator", "member", "guest"]).boxed()
}

fn kind() -> BoxedStrategy<RoomKind> {
    word(&["public", "private", "direct"]).boxed()
}

fn file() -> BoxedStrategy<File> {
    let size = (any::<u64>(), of(any::<u32>()), of(any::<u32>()));
    (text(), text(), size, text(), text(), of(text()))
        .prop_map(|(id, name, (size, width, height), media_type, url, thumb)| File {
            id,
            name,
            size,
            media_type,
            url,
            width,
            height,
            thumb,
        })
        .boxed()
}

fn message() -> BoxedStrategy<Message> {
    let reaction =
        (text(), any::<u64>(), texts()).prop_map(|(emoji, count, users)| Reaction { emoji, count, users });
    let said = (text(), of(text()), texts(), of(seq()), vec(file(), 0..3), of(text()));
    let state = (of(millis()), any::<bool>(), any::<bool>(), vec(reaction, 0..3));
    (said, state)
        .prop_map(
            |((text, html, mentions, reply_to, files, nonce), (edited_at, deleted, pinned, reactions))| {
                Message {
                    text,
                    html,
                    mentions,
                    reply_to,
                    files,
                    nonce,
                    edited_at,
                    deleted,
                    pinned,
                    reactions,
                }
            },
        )
        .boxed()
}

fn what() -> BoxedStrategy<What> {
    let change = word::<Change>(&["joined", "left", "kicked", "banned", "muted", "role"]);
    let member = (user(), change, of(text()), of(millis()), of(role()), any::<bool>()).prop_map(
        |(user, change, reason, until, role, everywhere)| MemberChange {
            user,
            change,
            reason,
            until,
            role,
            everywhere,
        },
    );
    let reacted = || (seq(), text()).prop_map(|(target, emoji)| Reacted { target, emoji });
    prop_oneof![
        message().prop_map(What::Message),
        text().prop_map(|topic| What::Topic { topic }),
        member.prop_map(What::Member),
        (seq(), text(), of(text()), texts()).prop_map(|(target, text, html, mentions)| What::Edited {
            target,
            text,
            html,
            mentions
        }),
        seq().prop_map(|target| What::Deleted { target }),
        reacted().prop_map(What::Reacted),
        reacted().prop_map(What::Unreacted),
        seq().prop_map(|target| What::Pinned { target }),
        seq().prop_map(|target| What::Unpinned { target }),
        "newer-[a-z]{0,8}".prop_map(|kind| What::Newer { kind }),
    ]
    .boxed()
}

fn event() -> BoxedStrategy<Event> {
    (text(), seq(), millis(), user(), what())
        .prop_map(|(room, seq, at, by, what)| Event { room, seq, at, by, what })
        .boxed()
}

fn mine() -> BoxedStrategy<Mine> {
    let muted = (of(millis()), of(text())).prop_map(|(until, reason)| Mute { until, reason });
    (of(role()), of(muted), of(user())).prop_map(|(role, muted, user)| Mine { role, muted, user }).boxed()
}

fn summary() -> BoxedStrategy<RoomSummary> {
    let notify = word::<Notify>(&["all", "mentions", "none"]);
    let counts = (seq(), any::<u64>(), any::<bool>(), seq(), any::<u64>(), any::<u64>());
    (text(), kind(), text(), counts, notify, mine())
        .prop_map(|(name, kind, topic, (head, members, joined, read, unread, mentions), notify, mine)| {
            RoomSummary { name, kind, topic, head, members, joined, read, unread, mentions, notify, mine }
        })
        .boxed()
}

fn me() -> BoxedStrategy<Me> {
    let kind = word::<UserKind>(&["guest", "account", "bot"]);
    (user(), kind, role())
        .prop_map(|(user, kind, role)| Me { id: user.id, name: user.name, kind, role })
        .boxed()
}

fn welcome() -> BoxedStrategy<Welcome> {
    let server =
        (text(), text(), text(), text(), texts()).prop_map(|(name, version, default_room, log, features)| {
            Server { name, version, default_room, log, features }
        });
    (any::<u32>(), me(), of(text().prop_map(Token::new)), server, vec(summary(), 0..3))
        .prop_map(|(protocol, user, token, server, rooms)| Welcome {
            protocol,
            user,
            token,
            server,
            limits: Limits::default(),
            rooms,
        })
        .boxed()
}

fn joined() -> BoxedStrategy<Joined> {
    let room = (text(), kind(), text(), seq(), mine())
        .prop_map(|(name, kind, topic, head, mine)| JoinedRoom { name, kind, topic, head, mine });
    let events = || of(vec(event(), 0..3));
    (room, of(vec(user(), 0..3)), any::<usize>(), events(), events())
        .prop_map(|(room, online, online_count, events, messages)| Joined {
            room,
            online,
            online_count,
            events,
            messages,
        })
        .boxed()
}

fn reply() -> BoxedStrategy<Reply> {
    let done = (of(text()), of(seq()), of(millis())).prop_map(|(room, seq, at)| Done { room, seq, at });
    let found = (event(), text()).prop_map(|(event, snippet)| Found { event, snippet });
    let member = (user(), role(), any::<[bool; 3]>(), of(millis())).prop_map(
        |(user, role, [admin, online, muted], muted_until)| Member {
            user,
            role,
            admin,
            online,
            muted,
            muted_until,
        },
    );
    let entry = (millis(), text(), text(), text(), of(text()), of(text())).prop_map(
        |(at, by, action, target, room, reason)| AuditEntry { at, by, action, target, room, reason },
    );
    let login = (text(), text(), millis(), millis(), any::<bool>()).prop_map(
        |(id, client, created_at, seen_at, current)| Login { id, client, created_at, seen_at, current },
    );
    let code = word::<ErrorCode>(&["bad_request", "name_taken", "rate_limited", "internal"]);
    let failure = (code, text(), of(any::<u64>()), any::<bool>()).prop_map(
        |(code, message, retry_after_ms, registered)| Failure { code, message, retry_after_ms, registered },
    );
    prop_oneof![
        welcome().prop_map(|welcome| Reply::Welcome(Box::new(welcome))),
        joined().prop_map(|joined| Reply::Joined(Box::new(joined))),
        done.prop_map(Reply::Ok),
        (text(), vec(event(), 0..3), any::<bool>()).prop_map(|(room, messages, more)| Reply::Messages {
            room,
            messages,
            more
        }),
        (vec(found, 0..3), any::<bool>()).prop_map(|(messages, more)| Reply::Results { messages, more }),
        (vec(summary(), 0..3), any::<bool>()).prop_map(|(rooms, more)| Reply::Rooms { rooms, more }),
        (text(), vec(member, 0..3)).prop_map(|(room, members)| Reply::Members { room, members }),
        vec(entry, 0..3).prop_map(|entries| Reply::Audit { entries }),
        vec(login, 0..3).prop_map(|sessions| Reply::Sessions { sessions }),
        millis().prop_map(|at| Reply::Pong { at }),
        failure.prop_map(Reply::Error),
    ]
    .boxed()
}

fn signal() -> BoxedStrategy<Signal> {
    let users = || vec(user(), 0..3);
    let code = word::<GoodbyeCode>(&["restart", "banned", "revoked", "slow", "idle", "protocol"]);
    prop_oneof![
        (text(), user()).prop_map(|(room, user)| Signal::Typing { room, user }),
        (text(), users(), users(), any::<usize>()).prop_map(|(room, online, offline, online_count)| {
            Signal::Presence { room, online, offline, online_count }
        }),
        (text(), seq()).prop_map(|(room, seq)| Signal::Read { room, seq }),
        (text(), text(), of(text())).prop_map(|(code, text, room)| Signal::Notice { code, text, room }),
        (text(), kind(), text(), seq()).prop_map(|(room, kind, topic, head)| Signal::Room {
            room,
            kind,
            topic,
            head
        }),
        me().prop_map(|user| Signal::You { user }),
        (text(), seq()).prop_map(|(room, head)| Signal::Reset { room, head }),
        (code, text(), of(any::<u64>())).prop_map(|(code, text, reconnect_after_ms)| Signal::Goodbye {
            code,
            text,
            reconnect_after_ms
        }),
    ]
    .boxed()
}
