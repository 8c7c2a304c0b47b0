//! A gate before the writer: while it is closed, what the writer has taken is not committed yet.

use std::sync::{Arc, Condvar, Mutex};
use std::time::{SystemTime, UNIX_EPOCH};

use chat_server::clock::Clock;

use crate::PATIENCE;

/// See the module's description. Clones are the same gate.
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
    /// The system's clock, which the writer asks right before it commits: it waits there while the gate is closed.
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

    /// Closes it.
    pub fn close(&self) {
        self.0.state.lock().unwrap().is_closed = true;
    }

    /// Waits until the writer stands before it.
    pub async fn reached(&self) {
        let gate = self.clone();
        let wait = move || {
            let state = gate.0.state.lock().unwrap();
            let reached = gate.0.changed.wait_timeout_while(state, PATIENCE, |state| !state.is_waiting);
            assert!(!reached.unwrap().1.timed_out(), "the writer never came");
        };
        tokio::task::spawn_blocking(wait).await.unwrap();
    }

    /// Opens it.
    pub fn open(&self) {
        self.0.state.lock().unwrap().is_closed = false;
        self.0.changed.notify_all();
    }
}
