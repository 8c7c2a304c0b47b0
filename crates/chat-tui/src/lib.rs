//! The terminal client: a split pane, messages above, input below.
//!
//! [`update::update`] and [`view::view`] are pure: what happened goes in as a [`msg::Msg`], what the world
//! should do about it comes out as [`msg::Effect`]s, and the screen is drawn from the [`model::Model`] alone.
//! One loop, in [`app`], owns the terminal, the client handle and the clock.
//!
//! Modules in reading order: [`clean`], [`wrap`], [`msg`], [`model`], [`keys`], [`slash`], [`complete`],
//! [`update`], [`theme`], [`view`], [`screen`], [`logins`], [`app`], `visit`, [`send`], [`tail`], [`cli`].

pub mod app;
pub mod clean;
pub mod cli;
pub mod complete;
pub mod files;
pub mod highlight;
pub mod keys;
pub mod links;
pub mod logins;
pub mod markup;
pub mod model;
pub mod msg;
pub mod parting;
pub mod pictures;
pub mod refusal;
pub mod rights;
pub mod screen;
pub mod send;
pub mod slash;
pub mod tail;
pub mod theme;
pub mod update;
pub mod view;
mod visit;
pub mod wrap;
