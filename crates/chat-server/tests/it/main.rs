//! The server as its peers see it, over the socket. One file for each behaviour.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]
#![allow(missing_docs, unreachable_pub, reason = "tests say what they do by their names")]

mod accounts;
mod aftermath;
mod bad_disk;
mod bad_frames;
mod beneath;
mod caches;
mod changes;
mod chaos;
mod clocks;
mod crash;
mod deleted;
mod disk;
mod dos;
mod edges;
mod epochs;
mod erased;
mod files;
mod folder;
mod formats;
mod forwarded;
mod handshake;
mod hidden;
mod history;
mod idempotence;
mod joining;
mod killed;
mod layers;
mod limits;
mod logins;
mod logs;
mod missing;
mod moderation;
mod names;
mod network;
mod newer;
mod order;
mod pages;
mod presence;
mod private;
mod recovery;
mod restart;
mod resume;
mod rights;
mod search;
mod slow_reader;
mod subscriptions;
mod supervision;
mod support;
mod timing;
mod transfers;
mod unread;
mod used_up;
