//! Periodic work: forgetting what no longer counts, and noting who is online.

use std::time::{Duration, Instant};

use crate::app::App;
use crate::error::Error;
use crate::send_queue::End;
use crate::store::{Conn, logins, sanctions, search, users};
use crate::uploads;
use crate::viewer::Viewer;

/// How often it is noted who left.
const LEFT_EVERY: Duration = Duration::from_secs(1);

/// How often it is noted who is online, so that a crash costs nobody their name.
const NOTE_EVERY: Duration = Duration::from_secs(10 * 60);

/// How often the search index is caught up. A search does not wait for it.
const INDEX_EVERY: Duration = Duration::from_secs(2);

/// How often contents are looked for that no file has.
const SWEEP_EVERY: Duration = Duration::from_secs(6 * 60 * 60);

/// With more events than this since the last look, indexing is put off: it would share the writer with them.
const BUSY: u64 = 1000;

/// How long it is put off at most.
const PUT_OFF: Duration = Duration::from_secs(30);

/// How many times longer than a batch took, the writer is left alone after it.
const PAUSE: u32 = 4;

/// Works until the server stops.
pub async fn run(app: &App) {
    let mut tidy = tokio::time::interval(app.config.tidy_every);
    let mut note = tokio::time::interval(NOTE_EVERY);
    let mut left = tokio::time::interval(LEFT_EVERY);
    let mut index = tokio::time::interval(INDEX_EVERY);
    // At the start, and then now and again: what a crash left is not taken for left over at once.
    let mut sweep = tokio::time::interval(SWEEP_EVERY);
    index.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let (mut seen, mut caught_up) = (app.metrics.events.get(), Instant::now());
    loop {
        tokio::select! {
            () = app.shutdown.cancelled() => return,
            _ = tidy.tick() => {
                app.rates.forget_idle();
                app.throttle.forget_idle();
                note_used(app).await;
                expire(app).await;
                uploads::expire(app).await;
            }
            () = app.discarded.notified() => uploads::clear(app).await,
            _ = sweep.tick() => uploads::sweep(app).await,
            _ = note.tick() => note_online(app).await,
            _ = left.tick() => note_left(app).await,
            _ = index.tick() => {
                let before = std::mem::replace(&mut seen, app.metrics.events.get());
                if seen - before < BUSY || caught_up.elapsed() >= PUT_OFF {
                    index_more(app).await;
                    (seen, caught_up) = (app.metrics.events.get(), Instant::now());
                }
            }
        }
    }
}

/// Takes what was written since into the search index.
async fn index_more(app: &App) {
    while !app.shutdown.is_cancelled() {
        match app.store.read(search::behind).await {
            Ok(Some(_)) => {}
            Ok(None) => return,
            Err(e) => return tracing::warn!(error = %e.into_refusal(), "the search index cannot be read"),
        }
        let began = Instant::now();
        if let Err(e) = app.store.write(search::catch_up).await {
            return tracing::warn!(error = %e.into_refusal(), "the search index cannot be caught up");
        }
        tokio::select! {
            () = app.shutdown.cancelled() => return,
            () = tokio::time::sleep(PAUSE * began.elapsed()) => {}
        }
    }
}

/// Notes who left, and which logins they used.
pub async fn note_left(app: &App) {
    let (left, now) = (app.hub.take_left(), app.config.clock.now());
    if left.users.is_empty() {
        return;
    }
    let users: Vec<_> = left.users.into_iter().collect();
    let left = move |conn: &mut Conn| {
        users::seen(conn, &users, now)?;
        logins::seen(conn, &left.logins, now)
    };
    note(app, "who left", left).await;
}

async fn note_online(app: &App) {
    let (online, now) = (app.hub.online(), app.config.clock.now());
    if !online.is_empty() {
        note(app, "who is online", move |conn| users::seen(conn, &online, now)).await;
    }
}

/// Notes which logins were used. Pings alone keep no login.
async fn note_used(app: &App) {
    let used = app.hub.sessions_where(Viewer::was_active);
    let (used, now) = (used.iter().map(|viewer| viewer.login()).collect::<Vec<_>>(), app.config.clock.now());
    if !used.is_empty() {
        note(app, "which logins are in use", move |conn| logins::seen(conn, &used, now)).await;
    }
}

/// Notes something that the next time makes good where it fails.
async fn note(app: &App, what: &str, note: impl FnMut(&mut Conn) -> Result<(), Error> + Send + 'static) {
    if let Err(e) = app.store.write(note).await {
        tracing::warn!(error = %e.into_refusal(), "{what} could not be noted");
    }
}

/// Ends what has run out: logins that were not used for long, with their sessions; mutes and bans.
async fn expire(app: &App) {
    let now = app.config.clock.now();
    match app.store.read(move |conn| logins::has_expired(conn, now)).await {
        Ok(true) => {}
        _ => return,
    }
    let expire = move |conn: &mut Conn| {
        sanctions::expire(conn, now)?;
        logins::expire(conn, now)
    };
    match app.store.write(expire).await {
        Ok(ended) if ended.is_empty() => {}
        Ok(ended) => {
            for viewer in app.hub.sessions_where(|viewer| ended.contains(&viewer.login())) {
                viewer.queue.end(End::Revoked);
            }
        }
        Err(e) => tracing::warn!(error = %e.into_refusal(), "what has run out could not be ended"),
    }
}
