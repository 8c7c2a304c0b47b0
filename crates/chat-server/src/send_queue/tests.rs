//! The queue over real sockets: order, limits and endings.

use bytes::Bytes;
use tokio::io::AsyncReadExt;
use tokio::net::{TcpListener, TcpStream};

use std::time::Duration;

use super::waiting::{Kind, Waiting};
use super::*;
use crate::lowest_rate::{LOWEST_TAKEN, WINDOW};

const LINGER: Duration = Duration::from_secs(30);

async fn pair() -> (SendQueue, TcpStream) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let there = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
    let (here, _) = listener.accept().await.unwrap();
    here.writable().await.unwrap();
    let (read, write) = here.into_split();
    // The queue's half keeps the connection open.
    std::mem::forget(read);
    (SendQueue::new(write), there)
}

async fn all(mut there: TcpStream) -> Vec<u8> {
    let mut received = Vec::new();
    there.read_to_end(&mut received).await.unwrap();
    received
}

#[tokio::test]
async fn what_is_held_back_follows_what_the_session_says() {
    let (queue, there) = pair().await;
    queue.push_events(&[Bytes::from_static(b"event ")]);
    queue.push_reply(Bytes::from_static(b"reply "));
    queue.release();
    queue.push_events(&[Bytes::from_static(b"live ")]);
    queue.finish(Bytes::from_static(b"last"), LINGER).await;
    queue.push_events(&[Bytes::from_static(b"late")]);
    drop(queue);
    assert_eq!(all(there).await, b"reply event live last");
}

#[tokio::test]
async fn a_reader_that_stops_is_ended_and_told_after_a_whole_piece() {
    let (queue, there) = pair().await;
    queue.release();
    let piece = Bytes::from(vec![b'x'; 100_000]);
    let mut pushed = 0;
    while queue.state().end.is_none() {
        queue.push_events(std::slice::from_ref(&piece));
        assert!(queue.bytes() <= SEND_QUEUE_BYTES);
        pushed += 1;
        assert!(pushed < 1000, "the kernel's buffers are finite");
    }
    assert_eq!(queue.pump().await, End::Slow);
    assert!(queue.bytes() < piece.len());
    let reader = tokio::spawn(all(there));
    queue.finish(Bytes::from_static(b"bye"), LINGER).await;
    drop(queue);
    let received = reader.await.unwrap();
    assert!(received.ends_with(b"xbye"));
    assert_eq!((received.len() - 3) % piece.len(), 0, "no piece is cut");
}

#[tokio::test]
async fn nothing_is_lost_or_reordered_while_the_reader_keeps_up() {
    let (queue, there) = pair().await;
    queue.release();
    let queue = std::sync::Arc::new(queue);
    let reader = tokio::spawn(all(there));
    let mut sent = Vec::new();
    for n in 0..2000_u32 {
        let piece = Bytes::from(n.to_be_bytes().repeat(250));
        sent.extend_from_slice(&piece);
        queue.push_events(std::slice::from_ref(&piece));
        queue.drained(SEND_QUEUE_BYTES / 2).await.unwrap();
    }
    queue.finish(Bytes::new(), LINGER).await;
    drop(queue);
    assert!(reader.await.unwrap() == sent);
}

#[tokio::test]
async fn signals_are_dropped_before_events_are_in_danger() {
    let (queue, _there) = pair().await;
    let signal = Bytes::from(vec![b's'; 1000]);
    for _ in 0..10_000 {
        queue.push_signal(&signal);
    }
    assert!(queue.bytes() <= SIGNAL_BYTES);
    assert_eq!(queue.state().end, None);
}

#[tokio::test]
async fn answers_follow_the_events_that_they_are_about() {
    let (queue, there) = pair().await;
    queue.release();
    queue.expect();
    queue.expect();
    queue.answer(b"first ");
    queue.push_signal(&Bytes::from_static(b"signal "));
    queue.push_events(&[Bytes::from_static(b"one "), Bytes::from_static(b"two ")]);
    queue.expecting(1).await;
    queue.answer(b"second ");
    // It was given, but a reply would overtake it now.
    assert!(tokio::time::timeout(Duration::ZERO, queue.expecting(0)).await.is_err());
    queue.flush_answers();
    queue.expecting(0).await;
    queue.flush_answers();
    queue.finish(Bytes::from_static(b"last"), LINGER).await;
    drop(queue);
    assert_eq!(all(there).await, b"signal one two first second last");
}

#[tokio::test]
async fn a_long_reply_leaves_the_room_that_events_need() {
    let (queue, there) = pair().await;
    queue.release();
    let reply = Bytes::from(vec![b'r'; 8 * SEND_QUEUE_BYTES]);
    queue.push_reply(reply.clone());
    let events = Bytes::from(vec![b'e'; SEND_QUEUE_BYTES - 100]);
    queue.push_events(std::slice::from_ref(&events));
    assert_eq!(queue.state().end, None, "events have a bound of their own");
    let reader = tokio::spawn(all(there));
    queue.replies_drained(0).await.unwrap();
    queue.finish(Bytes::new(), LINGER).await;
    drop(queue);
    assert_eq!(reader.await.unwrap().len(), reply.len() + events.len());
}

#[tokio::test(start_paused = true)]
async fn a_socket_has_to_take_a_lowest_rate_and_not_just_a_byte() {
    let mut waiting = Waiting::default();
    waiting.add_next(&Bytes::from(vec![0; 10 * LOWEST_TAKEN]), 0, Kind::Reply);
    waiting.stall();
    for _ in 0..3 {
        tokio::time::advance(WINDOW / 2).await;
        assert!(!waiting.is_too_slow());
        waiting.take(LOWEST_TAKEN);
        tokio::time::advance(WINDOW / 2).await;
        assert!(!waiting.is_too_slow(), "the rate was kept");
    }
    for _ in 0..10 {
        waiting.take(LOWEST_TAKEN / 10 - 1);
        tokio::time::advance(WINDOW / 10).await;
    }
    assert!(waiting.is_too_slow(), "something was taken all the time, but too little");
    waiting.take(waiting.bytes());
    tokio::time::advance(2 * WINDOW).await;
    assert!(!waiting.is_too_slow() && waiting.due().is_none(), "nothing waits");
}

#[tokio::test]
async fn whoever_is_given_up_is_freed_at_once() {
    let (queue, _there) = pair().await;
    queue.push_reply(Bytes::from(vec![b'r'; 8 * SEND_QUEUE_BYTES]));
    queue.push_reply(Bytes::from(vec![b'r'; SEND_QUEUE_BYTES]));
    queue.push_events(&[Bytes::from_static(b"held")]);
    assert!(queue.bytes() > SEND_QUEUE_BYTES);
    queue.give_up();
    assert_eq!(queue.bytes(), 0);
    assert_eq!(queue.pump().await, End::Gone);
}
