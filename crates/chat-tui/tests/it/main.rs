//! The terminal client as a person sees it: on a drawn screen, and in a real pseudo-terminal against a real server.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]
#![allow(missing_docs, unreachable_pub, reason = "tests say what they do by their names")]

mod accounts;
mod bot;
mod causes;
mod changes;
mod counts;
mod drawn;
mod exits;
mod files;
mod floods;
mod newer;
mod opening;
mod outbox;
mod overload;
mod person;
mod pipes;
mod pty;
mod raw;
mod readme;
mod screens;
mod scripted;
mod sending;
mod slow;
mod tails;
mod term;
mod unknown;
