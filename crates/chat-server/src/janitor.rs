//! Periodic work.

use std::time::Duration;

use crate::app::App;
use crate::store::users;

/// How often the buckets of idle users are forgotten.
const FORGET_EVERY: Duration = Duration::from_secs(60);

/// How often it is noted who is online, so that a crash costs nobody their name.
const NOTE_EVERY: Duration = Duration::from_secs(10 * 60);

/// Works until the server stops.
pub async fn run(app: &App) {
    let mut forget = tokio::time::interval(FORGET_EVERY);
    let mut note = tokio::time::interval(NOTE_EVERY);
    loop {
        tokio::select! {
            () = app.shutdown.cancelled() => return,
            _ = forget.tick() => app.rates.forget_idle(),
            _ = note.tick() => note_online(app).await,
        }
    }
}

async fn note_online(app: &App) {
    let (online, now) = (app.hub.online(), app.config.clock.now());
    if !online.is_empty()
        && let Err(e) = app.store.write(move |conn| users::seen(conn, &online, now)).await
    {
        tracing::warn!(error = %e.into_refusal(), "who is online could not be noted");
    }
}
