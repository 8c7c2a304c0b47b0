//! The terminal client: a split pane, messages above, input below; and `send` and `tail` for scripts.
//!
//! What the screen knows and does is in `chat-screen`, which touches nothing. Here is what touches the world: [`view`] draws
//! the model, [`screen`] has the terminal, and the loop in [`app`] owns both, the connection and the clock.
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
