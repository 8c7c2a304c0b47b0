//! The floor for durable writes: one row, one commit, one sync, in its own database on the same disk.

use std::path::Path;
use std::time::{Duration, Instant};

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sqlite::SqliteConnection;

diesel::table! {
    rows (id) {
        id -> BigInt,
        text -> Text,
    }
}

/// Returns how many rows a second can be written to disk, each in its own commit.
pub(crate) fn one_by_one(dir: &Path, time: Duration) -> anyhow::Result<f64> {
    let mut conn = SqliteConnection::establish(&dir.join("floor.db").to_string_lossy())?;
    conn.batch_execute(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
         CREATE TABLE rows (id INTEGER NOT NULL PRIMARY KEY, text TEXT NOT NULL);",
    )?;
    let text = "x".repeat(128);
    let (began, mut count) = (Instant::now(), 0);
    while began.elapsed() < time {
        diesel::insert_into(rows::table).values(rows::text.eq(&text)).execute(&mut conn)?;
        count += 1;
    }
    Ok(f64::from(count) / began.elapsed().as_secs_f64())
}
