//! The core of the terminal client: its state, how it reacts to what happens, and the layout of its screen.
//!
//! [`update::update`] takes a [`msg::Msg`] and the time at which it happened. It changes the [`model::Model`] and
//! returns [`msg::Effect`]s for the world outside to carry out. Nothing here touches a terminal, a file, the network
//! or a clock, so the same core runs in tests and under any renderer.
//!
//! Modules in order; each imports only those before it: [`clean`], [`wrap`], [`theme`], [`markup`], [`canvas`], [`kind`],
//! [`refusal`], [`key`], [`action`], [`slash`], [`complete`], [`msg`], [`model`], [`rights`], [`layout`], [`update`].

pub mod action;
pub mod canvas;
pub mod clean;
pub mod complete;
pub mod key;
pub mod kind;
pub mod layout;
pub mod markup;
pub mod model;
pub mod msg;
pub mod refusal;
pub mod rights;
pub mod slash;
pub mod theme;
pub mod update;
pub mod wrap;
