//! The rule, case by case. A test in `chat-tui` checks against a real server that both count alike.

use crate::room::{Mine, Notify, RoomKind};
use crate::user::{Role, User, UserKind};

use super::*;
use crate::{Millis, UserId};

fn me() -> Me {
    Me { id: UserId(1), name: "alice".into(), kind: UserKind::Guest, role: Role::Guest }
}

fn event(seq: u64, by: i64, what: What) -> Event {
    Event {
        room: "r".into(),
        seq: Seq(seq),
        at: Millis(1),
        by: User { id: UserId(by), name: by.to_string() },
        what,
    }
}

fn message(seq: u64, by: i64, names_me: bool) -> Event {
    let mentions = if names_me { vec!["alice".into()] } else { Vec::new() };
    event(seq, by, What::Message(Message { mentions, ..Message::default() }))
}

fn summary(head: u64, read: u64, unread: u64, mentions: u64) -> RoomSummary {
    let (name, topic) = ("r".into(), String::new());
    let (head, read) = (Seq(head), Seq(read));
    let (kind, notify, mine) = (RoomKind::Public, Notify::All, Mine::default());
    RoomSummary { name, kind, topic, head, members: 1, joined: true, read, unread, mentions, notify, mine }
}

fn count(unread: u64, mentions: u64) -> Count {
    Count { unread, mentions }
}

/// A tally that received these events after `head`, with everything up to `head` read.
fn heard(head: u64, events: &[Event]) -> Tally {
    let mut tally = Tally::default();
    tally.welcome(&summary(head, head, 0, 0));
    events.iter().for_each(|event| tally.heard(event, &me()));
    tally
}

#[test]
fn what_is_held_is_counted_for_any_mark_without_asking() {
    let events: Vec<Event> =
        (11..=16).map(|seq| message(seq, if seq == 13 { 1 } else { 2 }, seq % 2 == 1)).collect();
    let mut tally = heard(10, &events);
    assert_eq!(
        tally.count(Seq(0)),
        count(5, 2),
        "one's own message does not count, also if it names oneself"
    );
    for (mark, counted) in [(14, count(2, 1)), (16, count(0, 0)), (12, count(3, 1)), (10, count(5, 2))] {
        tally.moved(Seq(mark));
        assert_eq!((tally.count(Seq(0)), tally.must_ask()), (counted, false), "{mark}");
    }
    assert_eq!(tally.count(Seq(15)), count(1, 0), "a message that was seen is not new");
    tally.heard(&event(17, 2, What::Deleted { target: Seq(11) }), &me());
    assert_eq!(tally.count(Seq(0)), count(4, 1));
    let edited =
        What::Edited { target: Seq(12), text: "x".into(), html: None, mentions: vec!["alice".into()] };
    tally.heard(&event(18, 2, edited), &me());
    assert_eq!((tally.count(Seq(0)), tally.must_ask()), (count(4, 2), false));
    tally.moved(Seq(9));
    assert!(tally.must_ask(), "earlier messages are not held");
}

#[test]
fn what_the_server_told_holds_until_something_in_it_changes() {
    let mut tally = Tally::default();
    tally.welcome(&summary(10, 4, 6, 2));
    tally.heard(&message(11, 2, true), &me());
    assert_eq!((tally.count(Seq(0)), tally.must_ask()), (count(7, 3), false));
    tally.heard(&event(12, 2, What::Deleted { target: Seq(3) }), &me());
    assert!(!tally.must_ask(), "it was read before");
    tally.heard(&event(13, 2, What::Deleted { target: Seq(8) }), &me());
    assert!(tally.must_ask());
    tally.ask();
    // The reply is from before the deletion.
    tally.told(&summary(12, 4, 7, 3));
    tally.answered();
    assert!(tally.must_ask());
    tally.told(&summary(13, 4, 6, 2));
    assert_eq!((tally.count(Seq(0)), tally.must_ask()), (count(6, 2), false));
    tally.moved(Seq(8));
    assert!(tally.must_ask());
    tally.moved(Seq(13));
    assert_eq!((tally.count(Seq(0)), tally.must_ask()), (count(0, 0), false));
}

#[test]
fn what_is_replayed_is_in_the_welcomes_numbers_already() {
    let mut tally = heard(10, &[message(11, 2, false)]);
    tally.welcome(&summary(13, 10, 3, 1));
    for seq in [12, 13] {
        assert_eq!(tally.count(Seq(0)), count(3, 1));
        tally.heard(&message(seq, 2, seq == 13), &me());
    }
    assert_eq!((tally.count(Seq(0)), tally.must_ask()), (count(3, 1), false));
    tally.heard(&message(14, 2, false), &me());
    assert_eq!(tally.count(Seq(0)), count(4, 1));
}

#[test]
fn a_page_makes_older_marks_known() {
    let mut tally = heard(10, &[message(11, 2, false)]);
    let page: Vec<Event> = (6..=11).map(|seq| message(seq, 2, seq == 7)).collect();
    tally.page(&page, Seq(11), &me());
    tally.moved(Seq(5));
    assert_eq!((tally.count(Seq(0)), tally.must_ask()), (count(6, 1), false));
    tally.moved(Seq(4));
    assert!(tally.must_ask());
    // A page older than the events that arrived since changes nothing.
    let mut tally = heard(10, &[message(11, 2, false), event(12, 2, What::Deleted { target: Seq(7) })]);
    tally.page(&page, Seq(11), &me());
    tally.moved(Seq(5));
    assert!(tally.must_ask());
}

#[test]
fn a_mark_of_ones_own_stands_until_it_is_answered_and_a_contested_one_is_asked_for() {
    let mut tally = heard(10, &[message(11, 2, false), message(12, 2, false)]);
    tally.send(Seq(12));
    tally.told(&summary(12, 10, 2, 0));
    assert_eq!(tally.count(Seq(0)), count(0, 0), "the answer is from before the mark");
    tally.sent(Seq(12), true);
    tally.ask();
    tally.moved(Seq(11));
    tally.told(&summary(12, 12, 0, 0));
    tally.answered();
    assert!(tally.must_ask(), "which of the two came last?");
    tally.ask();
    tally.told(&summary(12, 11, 1, 0));
    tally.answered();
    assert_eq!((tally.count(Seq(0)), tally.must_ask()), (count(1, 0), false));
}

#[test]
fn a_reset_is_asked_about_and_a_gap_is_never_counted_over() {
    let mut tally = heard(10, &[message(11, 2, false)]);
    tally.reset(Seq(500));
    assert!(tally.must_ask());
    tally.told(&summary(500, 10, 300, 4));
    assert_eq!((tally.count(Seq(0)), tally.must_ask()), (count(300, 4), false));
    tally.heard(&message(510, 2, false), &me());
    tally.moved(Seq(400));
    assert!(tally.must_ask());
}

#[test]
fn what_is_held_is_bounded() {
    let mut tally = heard(0, &[]);
    for seq in 1..=3 * HELD as u64 {
        tally.heard(&message(seq, 2, false), &me());
        tally.heard(&event(seq, 2, What::Deleted { target: Seq(1) }), &me());
    }
    assert!(tally.messages.len() <= HELD && tally.changes.len() <= CHANGES);
    assert_eq!(tally.count(Seq(0)).unread, limits::UNREAD);
}
