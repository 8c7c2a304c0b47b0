//! The writer's queue: bounded, with many callers on one side and one thread on the other. The first job wakes the
//! thread. While the thread gathers more, only the last job that it waits for wakes it.
//!
//! Locks and permits come from the parent module, because the model check compiles this file with others.

use std::time::Instant;

use super::sync::{Condvar, Mutex, MutexGuard, Semaphore};

/// The capacity of the queue. Further callers wait.
pub(super) const CAPACITY: usize = 4096;

/// A bounded queue of jobs.
pub(super) struct Queue<T> {
    state: Mutex<State<T>>,
    /// Notified when there are as many jobs as the thread wants.
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
        Self::with_capacity(CAPACITY)
    }
}

impl<T> Queue<T> {
    pub(super) fn with_capacity(jobs: usize) -> Self {
        let state = State { jobs: Vec::new(), wanted: None, is_closed: false };
        Self { state: Mutex::new(state), arrived: Condvar::new(), permits: Semaphore::new(jobs) }
    }

    fn state(&self) -> MutexGuard<'_, State<T>> {
        self.state.lock()
    }

    /// Queues a job when there is room. Returns it if the queue is closed.
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

    /// Accepts no more jobs. Jobs that are already queued can still be taken.
    pub(super) fn close(&self) {
        self.state().is_closed = true;
        self.permits.close();
        self.arrived.notify_one();
    }

    /// Takes the queued jobs without waiting.
    pub(super) fn drain(&self) -> Vec<T> {
        std::mem::take(&mut self.state().jobs)
    }

    /// Waits for a job, and then until there are `enough` or until `due`. Returns at most `most`, oldest first, or
    /// `None` once the queue is closed and empty.
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
