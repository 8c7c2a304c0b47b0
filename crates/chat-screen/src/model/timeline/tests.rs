//! Pages and live events that arrive in any order.

use chat_proto::event::{Event, Message, What};
use chat_proto::user::User;

use super::*;

fn items(seqs: std::ops::Range<u64>) -> Vec<Item> {
    let event = |seq| Event {
        room: "general".to_owned(),
        seq: Seq(seq),
        at: Millis::default(),
        by: User::default(),
        what: What::Message(Message::default()),
    };
    seqs.map(|seq| Item::of(&event(seq))).collect()
}

#[test]
fn older_messages_of_a_place_that_was_left_are_dropped() {
    let mut timeline = Timeline::default();
    timeline.add_newest(items(50..60));
    timeline.older = Older::Loading;
    timeline.forget();
    timeline.add_newest(items(90..100));
    timeline.add_older(Seq(50), items(40..50), true);
    assert_eq!(timeline.first_seq(), Some(Seq(90)), "nothing before a gap");
    timeline.add_older(Seq(90), items(80..90), true);
    assert_eq!(timeline.first_seq(), Some(Seq(80)));
}

#[test]
fn an_event_that_a_page_overtook_leaves_no_gap() {
    let mut timeline = Timeline::default();
    timeline.add_newest(items(90..100));
    for item in items(80..102) {
        timeline.add(item);
    }
    assert_eq!((timeline.first_seq(), timeline.last_seq()), (Some(Seq(90)), Seq(101)));
}
