//! The page in a real browser and the terminal client in a real terminal, in one conversation.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]
#![allow(missing_docs, unreachable_pub, reason = "tests say what they do by their names")]

mod accounts;
mod address;
mod changes;
mod conversation;
mod copying;
mod counts;
mod edges;
mod files;
mod formatting;
mod fronts;
mod jumps;
mod moderation;
mod modules;
mod newer;
mod page;
mod picture;
mod restored;
mod strangers;
mod support;
mod terminals;
mod withheld;
