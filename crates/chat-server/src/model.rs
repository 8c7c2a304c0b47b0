//! Locks, wake-ups and permits for the model checks. They have the interfaces of those that the server uses, but
//! shuttle schedules the threads. It tries thousands of schedules, and reports a deadlock if every thread waits.

use std::future::poll_fn;
use std::ops::{Deref, DerefMut};
use std::task::{Poll, Waker};
use std::time::Duration;

use shuttle::future::batch_semaphore::{BatchSemaphore, Fairness};
use shuttle::sync;

/// Runs `story` with many schedules: uniformly random ones, and ones with few but well-placed switches.
pub(crate) fn check(story: fn()) {
    shuttle::check_random(story, 1000);
    shuttle::check_pct(story, 500, 3);
}

/// Replaces `parking_lot::Mutex`.
#[derive(Default)]
pub(crate) struct Mutex<T>(sync::Mutex<T>);

/// Replaces `parking_lot::MutexGuard`. Empty only while its thread waits for a [`Condvar`].
pub(crate) struct MutexGuard<'a, T>(Option<sync::MutexGuard<'a, T>>);

impl<T> Mutex<T> {
    pub(crate) fn new(value: T) -> Self {
        Self(sync::Mutex::new(value))
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, T> {
        MutexGuard(Some(self.0.lock().unwrap()))
    }
}

impl<T> Deref for MutexGuard<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        self.0.as_ref().unwrap()
    }
}

impl<T> DerefMut for MutexGuard<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        self.0.as_mut().unwrap()
    }
}

/// Replaces `parking_lot::Condvar`.
pub(crate) struct Condvar(sync::Condvar);

impl Condvar {
    pub(crate) fn new() -> Self {
        Self(sync::Condvar::new())
    }

    pub(crate) fn notify_one(&self) {
        self.0.notify_one();
    }

    pub(crate) fn wait<T>(&self, guard: &mut MutexGuard<'_, T>) {
        let inner = guard.0.take().unwrap();
        guard.0 = Some(self.0.wait(inner).unwrap());
    }

    /// Never times out, so that a lost wake-up is a deadlock and not just a delay.
    pub(crate) fn wait_for<T>(&self, guard: &mut MutexGuard<'_, T>, _: Duration) {
        self.wait(guard);
    }
}

/// Replaces `tokio::sync::Notify`, for one waiter.
#[derive(Default)]
pub(crate) struct Notify(Mutex<Notified>);

#[derive(Default)]
struct Notified {
    is_notified: bool,
    waiter: Option<Waker>,
}

impl Notify {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    pub(crate) fn notify_one(&self) {
        let mut state = self.0.lock();
        state.is_notified = true;
        let waiter = state.waiter.take();
        drop(state);
        if let Some(waiter) = waiter {
            waiter.wake();
        }
    }

    pub(crate) async fn notified(&self) {
        poll_fn(|context| {
            let mut state = self.0.lock();
            if std::mem::take(&mut state.is_notified) {
                return Poll::Ready(());
            }
            state.waiter = Some(context.waker().clone());
            Poll::Pending
        })
        .await;
    }
}

/// Replaces `tokio::sync::Semaphore`.
pub(crate) struct Semaphore(BatchSemaphore);

/// A permit. Only [`Self::forget`] ends it: the writer's queue returns permits in another way.
pub(crate) struct Permit;

impl Permit {
    #[expect(clippy::unused_self, reason = "the interface is tokio's")]
    pub(crate) fn forget(self) {}
}

impl Semaphore {
    pub(crate) fn new(permits: usize) -> Self {
        Self(BatchSemaphore::new(permits, Fairness::StrictlyFair))
    }

    pub(crate) async fn acquire(&self) -> Result<Permit, ()> {
        self.0.acquire(1).await.map(|()| Permit).map_err(|_| ())
    }

    pub(crate) fn add_permits(&self, permits: usize) {
        self.0.release(permits);
    }

    pub(crate) fn close(&self) {
        self.0.close();
    }
}
