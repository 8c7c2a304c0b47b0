//! Catches SIGTERM and SIGINT, if there is something to finish before the end.

use tokio::signal::unix::{Signal, SignalKind, signal};

/// The signals, if they are caught. Otherwise they end the program as usual.
pub(super) struct Signals(Option<(Signal, Signal)>);

impl Signals {
    /// Catches the signals from now on, if `mind`.
    ///
    /// # Errors
    /// If the system does not allow it.
    pub(super) fn new(mind: bool) -> std::io::Result<Self> {
        let both = || Ok((signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?));
        mind.then(both).transpose().map(Self)
    }

    /// Waits until a signal asks the program to stop.
    pub(super) async fn stop(&mut self) {
        match &mut self.0 {
            Some((terminate, interrupt)) => tokio::select! {
                _ = terminate.recv() => {}
                _ = interrupt.recv() => {}
            },
            None => std::future::pending().await,
        }
    }
}
