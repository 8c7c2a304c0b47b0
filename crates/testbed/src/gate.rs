//! A gate in front of the writer: while it is closed, jobs that the writer has taken are not committed.

use std::sync::{Arc, Condvar, Mutex};
use std::time::{SystemTime, UNIX_EPOCH};

use chat_server::clock::Clock;

use crate::PATIENCE;

/// A gate. Clones share its state.
#[derive(Clone, Default)]
pub struct Gate(Arc<Inner>);

#[derive(Default)]
struct Inner {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    is_closed: bool,
    is_waiting: bool,
}

impl Gate {
    /// Returns the system's clock. The writer reads it right before it commits, and waits there while the gate is
    /// closed.
    #[must_use]
    pub fn clock(&self) -> Clock {
        let gate = self.clone();
        Clock::new(move || {
            if std::thread::current().name() == Some("writer") {
                gate.pass();
            }
            SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis().try_into().unwrap()
        })
    }

    fn pass(&self) {
        let mut state = self.0.state.lock().unwrap();
        while state.is_closed {
            state.is_waiting = true;
            self.0.changed.notify_all();
            state = self.0.changed.wait(state).unwrap();
        }
        state.is_waiting = false;
    }

    /// Closes the gate.
    pub fn close(&self) {
        self.0.state.lock().unwrap().is_closed = true;
    }

    /// Waits until the writer has reached the gate.
    pub async fn reached(&self) {
        let gate = self.clone();
        let wait = move || {
            let state = gate.0.state.lock().unwrap();
            let reached = gate.0.changed.wait_timeout_while(state, PATIENCE, |state| !state.is_waiting);
            assert!(!reached.unwrap().1.timed_out(), "the writer never came");
        };
        tokio::task::spawn_blocking(wait).await.unwrap();
    }

    /// Opens the gate.
    pub fn open(&self) {
        self.0.state.lock().unwrap().is_closed = false;
        self.0.changed.notify_all();
    }
}
