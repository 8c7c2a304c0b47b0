//! The core of the terminal client: what it knows, what it does about what happens, and how its screen is laid out.
//!
//! What happened goes into [`update::update`] as a [`msg::Msg`] with the time it happened at. It changes the
//! [`model::Model`] and answers what the world should do about it, as [`msg::Effect`]s. Nothing here touches a terminal, a
//! file, the network or a clock, so the same core runs in a test, and draws for whoever draws it.
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
