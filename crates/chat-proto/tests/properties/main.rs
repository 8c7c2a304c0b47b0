//! Properties that hold for every frame, name and duration.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod commands;
mod replies;

use std::time::Duration;

use chat_proto::limits::MAX_SAFE_INTEGER;
use chat_proto::user::User;
use chat_proto::{ClientFrame, Millis, RoomName, Seq, ServerFrame, UserId, UserName, duration};
use proptest::collection::vec;
use proptest::option::of;
use proptest::prelude::*;
use proptest::test_runner::FileFailurePersistence;

/// Failed inputs are kept beside the source and tried first.
fn config() -> ProptestConfig {
    let kept = FileFailurePersistence::WithSource("regressions");
    ProptestConfig { failure_persistence: Some(Box::new(kept)), ..ProptestConfig::with_cases(512) }
}

fn text() -> BoxedStrategy<String> {
    prop_oneof![Just(String::new()), "[a-z0-9-]{1,12}", any::<String>()].boxed()
}

fn texts() -> BoxedStrategy<Vec<String>> {
    vec(text(), 0..4).boxed()
}

fn seq() -> BoxedStrategy<Seq> {
    (0..=MAX_SAFE_INTEGER).prop_map(Seq).boxed()
}

fn millis() -> BoxedStrategy<Millis> {
    any::<i64>().prop_map(Millis).boxed()
}

fn user() -> BoxedStrategy<User> {
    (any::<i64>(), text()).prop_map(|(id, name)| User { id: UserId(id), name }).boxed()
}

fn id() -> BoxedStrategy<Option<u64>> {
    of(0..=MAX_SAFE_INTEGER).boxed()
}

/// Text that may be a duration: numbers and units in every combination.
fn like_a_duration() -> BoxedStrategy<String> {
    let number = prop_oneof!["[0-9]{1,3}", "[0-9]{1,20}", "[0-9]{1,3}\\.[0-9]{1,12}"];
    let unit = "(ns|us|ms|s|m|h|d|w|mo|y| ?seconds?| ?minutes?| ?hours?| ?days?| ?weeks?)";
    let part = (number, unit, "(|,)( |  )?").prop_map(|(number, unit, gap)| format!("{number}{unit}{gap}"));
    vec(part, 0..5).prop_map(|parts| parts.concat()).boxed()
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn what_a_client_encodes_a_server_decodes(id in id(), command in commands::command()) {
        let frame = ClientFrame { id, command };
        prop_assert_eq!(ClientFrame::decode(&frame.encode()), Ok(frame));
    }

    #[test]
    fn what_a_server_encodes_a_client_decodes(frame in replies::frame()) {
        prop_assert_eq!(ServerFrame::decode(&frame.encode()), Ok(Some(frame)));
    }

    #[test]
    fn a_users_name_is_parsed_once(typed in prop_oneof!["\\PC{1,34}", "[\\p{L}\\p{N}._-]{1,20}", "[a-zA-Zａ-ｚéßİΣς0-9._-]{1,40}"]) {
        if let Ok(name) = UserName::parse(&typed) {
            let again = UserName::parse(name.as_str());
            prop_assert_eq!(again, Ok(name));
        }
    }

    #[test]
    fn a_rooms_name_is_parsed_once(typed in prop_oneof!["[a-z0-9_-]{1,33}", any::<String>()]) {
        if let Ok(name) = RoomName::parse(&typed) {
            prop_assert_eq!(name.as_str(), &typed);
            prop_assert_eq!(RoomName::parse(name.as_str()), Ok(name));
        }
    }

    #[test]
    fn a_duration_is_positive_and_leads_a_text(text in prop_oneof![like_a_duration(), any::<String>()], reason in "[a-z ]{0,12}") {
        if let Some(parsed) = duration::parse(&text) {
            prop_assert!(!parsed.is_zero());
        }
        if let Some((parsed, rest)) = duration::parse_prefix(&text) {
            let head = text.trim().strip_suffix(rest.trim_end()).unwrap();
            prop_assert_eq!(duration::parse(head), Some(parsed), "the rest is what follows");
        }
        let _ = duration::parse_prefix(&format!("{text} {reason}"));
    }

    #[test]
    fn a_duration_in_words_is_no_shorter(seconds in prop_oneof![0..200_000_u64, 0..4_000_000_000_u64]) {
        let duration = Duration::from_secs(seconds);
        let words = duration::words(duration);
        let read = if words == "a minute" { Some(Duration::from_secs(60)) } else { duration::parse(&words) };
        prop_assert!(read.is_some_and(|read| read >= duration && read <= 2 * duration.max(Duration::from_secs(30))), "{words}");
    }
}
