//! Checks the send queue with thousands of schedules. This compiles `queue.rs` a second time, with the locks of
//! [`crate::model`] and a socket that accepts what its reader leaves room for.

#[expect(clippy::duplicate_mod, unreachable_pub, dead_code, reason = "the same code over another socket")]
#[path = "queue.rs"]
mod queue;
mod socket;

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use shuttle::{future, thread};

use self::queue::SendQueue;
use self::socket::Wire;
use super::{End, SEND_QUEUE_BYTES, SIGNAL_BYTES, waiting};
use crate::model::check;

mod sync {
    use std::time::Duration;

    use tokio::time::Instant;

    pub(super) use crate::model::{Mutex, MutexGuard, Notify};

    /// Never completes, so that a lost wake-up is a deadlock and not just a delay.
    pub(super) async fn sleep_until(_: Instant) {
        std::future::pending().await
    }

    pub(super) async fn timeout<T>(_: Duration, future: impl Future<Output = T>) -> Result<T, ()> {
        Ok(future.await)
    }
}

/// The session's last frame.
const LAST: &str = "!";

fn queue(capacity: usize) -> (Arc<SendQueue>, Arc<Wire>) {
    let wire = Arc::new(Wire::new(capacity));
    (Arc::new(SendQueue::new(wire.clone())), wire)
}

fn bytes(text: &'static str) -> Bytes {
    Bytes::from_static(text.as_bytes())
}

/// Starts a thread that pushes each event separately.
fn room(queue: &Arc<SendQueue>, events: &'static [&'static str]) -> thread::JoinHandle<()> {
    let queue = queue.clone();
    thread::spawn(move || events.iter().for_each(|event| queue.push_events(&[bytes(event)])))
}

/// Starts the session's task, which writes until the queue ends, and says goodbye.
fn session(queue: &Arc<SendQueue>) -> future::JoinHandle<End> {
    let queue = queue.clone();
    future::spawn(async move {
        let end = queue.pump().await;
        queue.finish(bytes(LAST), Duration::MAX).await;
        end
    })
}

/// Reads `all` bytes, at most `most` at a time.
fn read(wire: &Wire, all: usize, most: usize) {
    let mut left = all;
    while left > 0 {
        left -= wire.read(most.min(left));
    }
}

/// Ends the session, and returns everything that was written.
fn ended(queue: &SendQueue, wire: &Arc<Wire>, session: future::JoinHandle<End>) -> String {
    queue.end(End::Again);
    assert_eq!(future::block_on(session).unwrap(), End::Again);
    assert_eq!(queue.bytes(), 0, "what was written is counted once");
    wire.written()
}

/// Whether `parts` are in `text` in this order, each once.
fn are_in_order(text: &str, parts: &[&str]) -> bool {
    let places: Vec<_> = parts.iter().map(|part| text.find(part)).collect();
    places.is_sorted() && parts.iter().all(|part| text.matches(part).count() == 1)
}

#[test]
fn nothing_is_lost_or_reordered_while_the_socket_is_full_now_and_then() {
    check(|| {
        let (queue, wire) = queue(3);
        queue.release();
        let session = session(&queue);
        room(&queue, &["one.", "two."]);
        room(&queue, &["three", "four"]);
        read(&wire, 17, 2);
        let text = ended(&queue, &wire, session);
        assert!(are_in_order(&text, &["one.", "two.", LAST]), "{text}");
        assert!(are_in_order(&text, &["three", "four", LAST]), "{text}");
        assert_eq!(text.len(), 18, "{text}");
    });
}

#[test]
fn held_events_follow_what_the_session_says() {
    check(|| {
        let (queue, wire) = queue(2);
        let session = session(&queue);
        room(&queue, &["1111", "2222"]);
        queue.push_reply(bytes("joined"));
        assert!(!wire.written().contains(['1', '2']), "events are held back");
        let releasing = {
            let queue = queue.clone();
            thread::spawn(move || {
                queue.release();
                queue.push_reply(bytes("later"));
            })
        };
        read(&wire, 19, 4);
        releasing.join().unwrap();
        let text = ended(&queue, &wire, session);
        assert!(text.starts_with("joined"), "{text}");
        assert!(are_in_order(&text, &["1111", "2222", LAST]), "{text}");
        assert!(are_in_order(&text, &["joined", "later", LAST]), "{text}");
    });
}

#[test]
fn answers_follow_their_events_and_wake_the_session_that_waits_for_them() {
    check(|| {
        let (queue, wire) = queue(64);
        queue.release();
        queue.expect();
        queue.expect();
        let writer = queue.clone();
        thread::spawn(move || {
            writer.answer(b"A");
            writer.push_events(&[bytes("event")]);
            writer.answer(b"B");
            writer.flush_answers();
        });
        future::block_on(queue.expecting(1));
        future::block_on(queue.expecting(0));
        queue.push_reply(bytes("reply"));
        assert_eq!(wire.written(), "eventABreply");
    });
}

#[test]
fn an_answer_wakes_the_session_before_it_is_sent() {
    check(|| {
        let (queue, _wire) = queue(64);
        queue.expect();
        queue.expect();
        let writer = queue.clone();
        thread::spawn(move || writer.answer(b"A"));
        future::block_on(queue.expecting(1));
    });
}

#[test]
fn an_ended_queue_says_goodbye_once() {
    check(|| {
        let (queue, wire) = queue(64);
        queue.release();
        let session = session(&queue);
        let room = room(&queue, &["event"]);
        let enders = [("<ban>", End::Banned), ("<log>", End::Revoked)].map(|(frame, why)| {
            let queue = queue.clone();
            thread::spawn(move || queue.end_after(&bytes(frame), why))
        });
        let end = future::block_on(session).unwrap();
        for thread in enders.into_iter().chain([room]) {
            thread.join().unwrap();
        }
        queue.push_reply(bytes("late"));
        queue.push_events(&[bytes("late")]);
        let (text, said) = (wire.written(), if end == End::Banned { "<ban>!" } else { "<log>!" });
        assert!(text == said || text == format!("event{said}"), "{end:?}: {text}");
    });
}

#[test]
fn a_session_that_is_too_slow_ends_after_what_is_partly_written() {
    static MUCH: [u8; SEND_QUEUE_BYTES] = [b'x'; SEND_QUEUE_BYTES];
    check(|| {
        let (queue, wire) = queue(3);
        queue.release();
        let pumping = {
            let queue = queue.clone();
            future::spawn(async move { queue.pump().await })
        };
        queue.push_events(&[bytes("begun"), bytes("waits")]);
        queue.push_events(&[Bytes::from_static(&MUCH)]);
        assert!(queue.bytes() <= "begun".len(), "only the begun piece is kept");
        // Nothing was read yet, so only the queue can wake the session.
        assert_eq!(future::block_on(pumping).unwrap(), End::Slow);
        let closing = {
            let queue = queue.clone();
            future::spawn(async move { queue.finish(bytes(LAST), Duration::MAX).await })
        };
        read(&wire, 6, 1);
        future::block_on(closing).unwrap();
        assert_eq!((wire.written().as_str(), queue.bytes()), ("begun!", 0));
    });
}

#[test]
fn a_session_that_is_given_up_or_broken_wakes_and_frees_what_waits() {
    for is_broken in [false, true] {
        let story =
            if is_broken { || gone(|_, wire| wire.fail()) } else { || gone(|queue, _| queue.give_up()) };
        check(story);
    }
}

fn gone(make: fn(&SendQueue, &Wire)) {
    let (queue, wire) = queue(3);
    queue.release();
    let session = session(&queue);
    let room = room(&queue, &["one.", "two."]);
    let ender = {
        let (queue, wire) = (queue.clone(), wire.clone());
        thread::spawn(move || make(&queue, &wire))
    };
    ender.join().unwrap();
    room.join().unwrap();
    assert_eq!(future::block_on(session).unwrap(), End::Gone);
    assert_eq!(queue.bytes(), 0);
}
