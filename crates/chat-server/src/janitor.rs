//! Periodic work: deletes what has expired, and stores who is online.

use std::time::{Duration, Instant};

use crate::acts::expire::Expire;
use crate::acts::expire_guests::ExpireGuests;
use crate::acts::expire_rooms::ExpireRooms;
use crate::app::App;
use crate::error::Error;
use crate::store::tables::{logins, sanctions, search, users};
use crate::store::views::gone_guests::Gone;
use crate::store::views::unused::Changes;
use crate::store::{Tx, note_age};
use crate::uploads;
use crate::viewer::Viewer;

/// How often departures are stored.
const LEFT_EVERY: Duration = Duration::from_secs(1);

/// How often the server stores who is online, in milliseconds, so that a crash costs nobody their name, and a user
/// who only reads keeps the login.
const NOTE_EVERY_MS: i64 = 10 * 60 * 1000;

/// How often the search index is updated. A search does not wait for this.
const INDEX_EVERY: Duration = Duration::from_secs(2);

/// How often the server looks for contents that no file uses.
const SWEEP_EVERY: Duration = Duration::from_secs(6 * 60 * 60);

/// If there were more events than this since the last check, indexing is postponed, because it would compete for the
/// writer.
const BUSY: u64 = 1000;

/// How long indexing is postponed at most.
const PUT_OFF: Duration = Duration::from_secs(30);

/// Guests and rooms are checked for expiry once in this many turns: they expire after months, checking reads all of
/// them, and a starting server has more urgent work.
const EXPIRY_TURNS: u64 = 60;

/// The maximum number of guests removed in one transaction.
const GUESTS_AT_ONCE: i64 = 100;

/// The maximum number of rooms removed in one transaction.
const ROOMS_AT_ONCE: i64 = 100;

/// How many times as long as a batch took the writer is left alone after it.
const PAUSE: u32 = 4;

/// Runs until the server stops.
pub(crate) async fn run(app: &App) {
    let mut tidy = tokio::time::interval(app.config.tidy_every);
    let mut left = tokio::time::interval(LEFT_EVERY);
    let mut index = tokio::time::interval(INDEX_EVERY);
    // At the start, and then at long intervals. A sweep ignores contents that are new, such as those of a crashed
    // upload.
    let mut sweep = tokio::time::interval(SWEEP_EVERY);
    index.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let (mut seen, mut caught_up) = (app.metrics.events.get(), Instant::now());
    let (mut noted, mut turns) = (app.config.clock.now(), 0_u64);
    loop {
        tokio::select! {
            () = app.shutdown.cancelled() => return,
            _ = tidy.tick() => {
                app.rates.forget_idle();
                app.throttle.forget_idle();
                note_used(app).await;
                let now = app.config.clock.now();
                if (now - noted).abs() >= NOTE_EVERY_MS {
                    noted = now;
                    note_online(app).await;
                }
                expire(app).await;
                turns += 1;
                if turns.is_multiple_of(EXPIRY_TURNS) {
                    expire_guests(app).await;
                    expire_rooms(app).await;
                }
                uploads::expire(app).await;
                if let Err(e) = app.store.scrub().await {
                    tracing::debug!(error = format!("{e:#}"), "erasing deleted content from the disk was put off");
                }
            }
            () = app.hub.discarded.notified() => uploads::clear(app).await,
            _ = sweep.tick() => uploads::sweep(app).await,
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

/// Closes slow sessions whenever too much output waits, until the server stops.
pub(crate) async fn relieve(app: &App) {
    loop {
        tokio::select! {
            () = app.shutdown.cancelled() => return,
            () = app.hub.output.exceeded() => app.hub.relieve(&app.metrics),
        }
    }
}

/// Adds new messages to the search index.
async fn index_more(app: &App) {
    while !app.shutdown.is_cancelled() {
        match app.store.read(search::is_behind).await {
            Ok(true) => {}
            Ok(false) => return,
            Err(e) => return tracing::warn!(error = e.cause(), "the search index cannot be read"),
        }
        let began = Instant::now();
        if let Err(e) = app.store.perform(|tx: &mut Tx<'_>| search::catch_up(tx.conn())).await {
            return tracing::warn!(error = e.cause(), "the search index cannot be updated");
        }
        tokio::select! {
            () = app.shutdown.cancelled() => return,
            () = tokio::time::sleep(PAUSE * began.elapsed()) => {}
        }
    }
}

/// Stores who left, and which logins they used.
pub(crate) async fn note_left(app: &App) {
    let (left, now) = (app.hub.take_left(), app.config.clock.read().mark);
    if left.users.is_empty() {
        return;
    }
    let users: Vec<_> = left.users.into_iter().collect();
    let left = move |tx: &mut Tx<'_>| {
        users::seen(tx.conn(), &users, now)?;
        logins::seen(tx.conn(), &left.logins, now)
    };
    note(app, "departures", left).await;
}

/// Stores who is online, with their logins: reading also uses a login.
async fn note_online(app: &App) {
    let (online, clock) = (app.hub.online(), app.config.clock.clone());
    let logins: Vec<_> = app.hub.sessions_where(|_| true).iter().map(|viewer| viewer.login()).collect();
    let note_all = move |tx: &mut Tx<'_>| {
        let now = tx.time().mark;
        let conn = tx.conn();
        note_age(conn, &clock)?;
        users::seen(conn, &online, now)?;
        logins::seen(conn, &logins, now)
    };
    note(app, "online users", note_all).await;
}

/// Stores which logins were used for a command.
async fn note_used(app: &App) {
    let used = app.hub.sessions_where(Viewer::was_active);
    let (used, now) =
        (used.iter().map(|viewer| viewer.login()).collect::<Vec<_>>(), app.config.clock.read().mark);
    if !used.is_empty() {
        note(app, "uses of logins", move |tx: &mut Tx<'_>| logins::seen(tx.conn(), &used, now)).await;
    }
}

/// Stores something. If that fails, the next run makes up for it.
async fn note(app: &App, what: &str, note: impl FnMut(&mut Tx<'_>) -> Result<(), Error> + Send + 'static) {
    if let Err(e) = app.store.perform(note).await {
        tracing::warn!(what, error = e.cause(), "periodic data could not be stored");
    }
}

/// Ends logins that were not used for long, with their sessions, and deletes expired mutes and bans.
async fn expire(app: &App) {
    let (now, is_settled) = (app.config.clock.read(), app.config.clock.is_settled());
    let is_due = move |conn: &mut _| {
        let in_future = logins::is_in_future(conn, now.mark)?
            || users::is_in_future(conn, now.mark)?
            || sanctions::is_in_future(conn, now.mark)?;
        Ok((is_settled && in_future)
            || logins::has_expired(conn, now.age)?
            || sanctions::has_expired(conn, now.age)?)
    };
    match app.store.read(is_due).await {
        Ok(true) => {}
        Ok(false) => return,
        Err(e) => return tracing::warn!(error = e.cause(), "expired logins and sanctions cannot be read"),
    }
    if let Err(e) = app.store.perform(Expire { is_settled }).await {
        tracing::warn!(error = e.cause(), "expired logins and sanctions could not be ended");
    }
}

/// Removes guests who cannot come back.
async fn expire_guests(app: &App) {
    let age = app.config.clock.age_now();
    let gone = match app.store.read_snapshot(move |conn| Gone::read(conn, age, GUESTS_AT_ONCE)).await {
        Ok(gone) => gone,
        Err(e) => return tracing::warn!(error = e.cause(), "expired guests cannot be read"),
    };
    if !gone.is_empty()
        && let Err(e) = app.store.perform(ExpireGuests { gone }).await
    {
        tracing::warn!(error = e.cause(), "expired guests could not be removed");
    }
}

/// Removes rooms that nobody has used for long.
async fn expire_rooms(app: &App) {
    let age = app.config.clock.age_now();
    let changes = match app.store.read(move |conn| Changes::read(conn, age, ROOMS_AT_ONCE)).await {
        Ok(changes) => changes,
        Err(e) => return tracing::warn!(error = e.cause(), "unused rooms cannot be read"),
    };
    if !changes.is_empty()
        && let Err(e) = app.store.perform(ExpireRooms { changes }).await
    {
        tracing::warn!(error = e.cause(), "unused rooms could not be removed");
    }
}
