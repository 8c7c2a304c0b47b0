//! The writer's queue: bounded, with many callers on one side and one thread on the other. The first job wakes the thread;
//! while the thread gathers more, only the last that it wants does.

use std::time::Instant;

use parking_lot::{Condvar, Mutex, MutexGuard};
use tokio::sync::Semaphore;

/// How many jobs the queue holds. Further callers wait to queue theirs.
const CAPACITY: usize = 4096;

/// See the module's description.
pub(super) struct Queue<T> {
    state: Mutex<State<T>>,
    /// Notified when as many jobs are there as the thread wants.
    arrived: Condvar,
    /// One permit for each job that can still be queued.
    permits: Semaphore,
}

struct State<T> {
    jobs: Vec<T>,
    /// How many jobs the thread waits for. `None` while it works.
    wanted: Option<usize>,
    is_closed: bool,
}

impl<T> Default for Queue<T> {
    fn default() -> Self {
        let state = State { jobs: Vec::new(), wanted: None, is_closed: false };
        Self { state: Mutex::new(state), arrived: Condvar::new(), permits: Semaphore::new(CAPACITY) }
    }
}

impl<T> Queue<T> {
    fn state(&self) -> MutexGuard<'_, State<T>> {
        self.state.lock()
    }

    /// Queues a job when there is room for it. Gives it back if the queue is closed.
    pub(super) async fn push(&self, job: T) -> Result<(), T> {
        match self.permits.acquire().await {
            Ok(permit) => permit.forget(),
            Err(_) => return Err(job),
        }
        let mut state = self.state();
        if state.is_closed {
            return Err(job);
        }
        state.jobs.push(job);
        let is_enough = state.wanted.is_some_and(|wanted| state.jobs.len() >= wanted);
        if is_enough {
            state.wanted = None;
        }
        drop(state);
        if is_enough {
            self.arrived.notify_one();
        }
        Ok(())
    }

    /// Accepts no more jobs. Queued jobs are still handed out.
    pub(super) fn close(&self) {
        self.state().is_closed = true;
        self.permits.close();
        self.arrived.notify_one();
    }

    /// Takes the queued jobs without waiting.
    pub(super) fn drain(&self) -> Vec<T> {
        std::mem::take(&mut self.state().jobs)
    }

    /// Waits for a job, and then until there are `enough` or until `due`. Returns at most `most`, oldest first, or `None`
    /// once the queue is closed and empty.
    pub(super) fn take(&self, enough: usize, due: Instant, most: usize) -> Option<Vec<T>> {
        let mut state = self.state();
        while state.jobs.is_empty() {
            if state.is_closed {
                return None;
            }
            state.wanted = Some(1);
            self.arrived.wait(&mut state);
        }
        while state.jobs.len() < enough && !state.is_closed {
            let wait = due.saturating_duration_since(Instant::now());
            if wait.is_zero() {
                break;
            }
            state.wanted = Some(enough);
            self.arrived.wait_for(&mut state, wait);
        }
        state.wanted = None;
        let taken = if state.jobs.len() <= most {
            std::mem::take(&mut state.jobs)
        } else {
            let rest = state.jobs.split_off(most);
            std::mem::replace(&mut state.jobs, rest)
        };
        drop(state);
        self.permits.add_permits(taken.len());
        Some(taken)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::Duration;

    use super::*;

    /// Long enough that a test which waits for it fails.
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
}
