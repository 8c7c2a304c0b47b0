//! SIGTERM and SIGINT, where there is something to finish before the end.

use tokio::signal::unix::{Signal, SignalKind, signal};

/// The signals, where they are minded; else they end the program as always.
pub(super) struct Signals(Option<(Signal, Signal)>);

impl Signals {
    /// Minds them from now on, if `mind`.
    ///
    /// # Errors
    /// Where the system does not let it.
    pub(super) fn new(mind: bool) -> std::io::Result<Self> {
        let both = || Ok((signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?));
        mind.then(both).transpose().map(Self)
    }

    /// Ready when one asks to stop.
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
