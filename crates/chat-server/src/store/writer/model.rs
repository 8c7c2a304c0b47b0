//! Checks the writer's queue with thousands of schedules. This compiles `queue.rs` a second time, with the locks of
//! [`crate::model`].

#[expect(clippy::duplicate_mod, reason = "the same code over other locks")]
#[path = "queue.rs"]
mod queue;

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use shuttle::{future, thread};

use self::queue::Queue;
use crate::model::check;

mod sync {
    pub(super) use crate::model::{Condvar, Mutex, MutexGuard, Semaphore};
}

/// So long that only a wake-up ends it.
const NEVER: Duration = Duration::from_secs(3600);

/// A job: its sender, and its number among the sender's.
type Job = (usize, usize);

/// Starts a thread that pushes `jobs` jobs, and returns how many were accepted before the queue closed.
fn sender(queue: &Arc<Queue<Job>>, sender: usize, jobs: usize) -> thread::JoinHandle<usize> {
    let queue = queue.clone();
    thread::spawn(move || {
        let is_accepted = |n: &usize| future::block_on(queue.push((sender, *n))).is_ok();
        (0..jobs).take_while(is_accepted).count()
    })
}

/// Checks that jobs were taken once and in order, and counts each sender's jobs.
fn counted(taken: &[Job]) -> HashMap<usize, usize> {
    let mut counts = HashMap::new();
    for (sender, n) in taken {
        let count = counts.entry(*sender).or_default();
        assert_eq!(n, count, "sender {sender}'s jobs are taken once and in order: {taken:?}");
        *count += 1;
    }
    counts
}

/// Takes jobs until the queue is closed and empty.
fn take_all(queue: &Queue<Job>, enough: usize, wait: Duration, most: usize) -> Vec<Job> {
    let mut taken = Vec::new();
    while let Some(batch) = queue.take(enough, Instant::now() + wait, most) {
        assert!((1..=most).contains(&batch.len()), "{batch:?}");
        taken.extend(batch);
    }
    taken
}

fn every_job_is_taken_once_and_in_order(capacity: usize, enough: usize, wait: Duration) {
    let queue = Arc::new(Queue::with_capacity(capacity));
    let taking = {
        let queue = queue.clone();
        thread::spawn(move || take_all(&queue, enough, wait, 2))
    };
    let senders = [sender(&queue, 0, 3), sender(&queue, 1, 3)];
    let accepted: Vec<usize> = senders.into_iter().map(|sender| sender.join().unwrap()).collect();
    assert_eq!(accepted, [3, 3], "an open queue accepts every job");
    queue.close();
    assert_eq!(counted(&taking.join().unwrap()), HashMap::from([(0, 3), (1, 3)]));
}

#[test]
fn jobs_that_are_taken_at_once_are_taken_once_and_in_order() {
    check(|| every_job_is_taken_once_and_in_order(2, 1, Duration::ZERO));
}

#[test]
fn jobs_that_are_gathered_are_taken_once_and_in_order() {
    // Six jobs are three batches of two, so only a push ends a wait before the queue is closed.
    check(|| every_job_is_taken_once_and_in_order(6, 2, NEVER));
}

#[test]
fn a_closed_queue_refuses_and_wakes_everyone() {
    check(|| {
        let queue = Arc::new(Queue::with_capacity(1));
        let taking = {
            let queue = queue.clone();
            thread::spawn(move || take_all(&queue, 2, NEVER, 2))
        };
        let senders = [sender(&queue, 0, 2), sender(&queue, 1, 2)];
        queue.close();
        let accepted: Vec<usize> = senders.into_iter().map(|sender| sender.join().unwrap()).collect();
        assert_eq!(future::block_on(queue.push((2, 0))), Err((2, 0)));
        let counts = counted(&taking.join().unwrap());
        for (sender, accepted) in accepted.into_iter().enumerate() {
            assert_eq!(counts.get(&sender).copied().unwrap_or(0), accepted, "what was accepted was taken");
        }
    });
}

#[test]
fn a_drained_queue_leaves_nobody_waiting() {
    check(|| {
        let queue = Arc::new(Queue::with_capacity(1));
        let senders = [sender(&queue, 0, 2), sender(&queue, 1, 2)];
        // What the writer's guard does when its thread panics.
        queue.close();
        let drained = counted(&queue.drain());
        for (sender, handle) in senders.into_iter().enumerate() {
            assert_eq!(drained.get(&sender).copied().unwrap_or(0), handle.join().unwrap());
        }
        assert_eq!(queue.take(1, Instant::now(), 1), None, "nothing was queued behind the drain");
    });
}
