//! The writer's queue: gathering and bounds.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::queue::{CAPACITY, Queue};

/// So long that a test that waits for it fails.
const NEVER: Duration = Duration::from_secs(3600);

#[tokio::test]
async fn enough_jobs_end_the_gathering_and_no_more_than_asked_for_are_given() {
    let queue = Arc::new(Queue::default());
    queue.push(0).await.unwrap();
    let taking = {
        let queue = queue.clone();
        tokio::task::spawn_blocking(move || queue.take(4, Instant::now() + NEVER, 3))
    };
    for job in 1..5 {
        queue.push(job).await.unwrap();
    }
    assert_eq!(taking.await.unwrap(), Some(vec![0, 1, 2]));
    assert_eq!(queue.take(2, Instant::now(), 3), Some(vec![3, 4]), "it is due");
    queue.push(5).await.unwrap();
    queue.close();
    assert_eq!(queue.push(6).await, Err(6));
    assert_eq!(queue.take(9, Instant::now() + NEVER, 3), Some(vec![5]));
    assert_eq!(queue.take(1, Instant::now() + NEVER, 3), None);
}

#[tokio::test]
async fn a_full_queue_lets_its_askers_wait() {
    let queue = Arc::new(Queue::default());
    for job in 0..CAPACITY {
        queue.push(job).await.unwrap();
    }
    let waiting = {
        let queue = queue.clone();
        tokio::spawn(async move { queue.push(CAPACITY).await })
    };
    tokio::task::yield_now().await;
    assert!(!waiting.is_finished());
    assert_eq!(queue.take(1, Instant::now(), 1), Some(vec![0]));
    waiting.await.unwrap().unwrap();
}
