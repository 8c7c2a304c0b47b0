//! The terminal client: messages above, the input below; and `send` and `tail` for scripts.
//!
//! `chat-screen` has the screen's state and behaviour, and touches nothing outside. This crate does: [`view`] draws
//! the model, [`screen`] owns the terminal, and the loop in [`app`] owns both, the connection and the clock.
//!
//! Modules in order; each imports only those before it: [`links`], [`highlight`], [`pictures`], [`view`], [`screen`],
//! [`exit`], [`logins`], [`identity`], [`parting`], [`files`], [`app`], `cursor_file`, `visit`, [`send`], [`tail`], [`cli`].

pub mod app;
pub mod cli;
mod cursor_file;
pub mod exit;
pub mod files;
pub mod highlight;
pub mod identity;
pub mod links;
pub mod logins;
pub mod parting;
pub mod pictures;
pub mod screen;
pub mod send;
pub mod tail;
pub mod view;
mod visit;
