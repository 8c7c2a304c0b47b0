//! The client library of the terminal client, and for bots.
//!
//! [`Client::start`] returns a handle to call and a receiver to read. One task behind them owns the connection: it
//! says hello, keeps a cursor for each room and checks that no event is missing, resumes after a break, and keeps
//! unacknowledged messages in an [`outbox`], which may outlive the program. [`backoff`], [`cursors`], [`bounds`] and
//! [`outbox`] are pure: time and randomness are passed in.
//!
//! Modules in order; each imports only those before it: [`endpoint`], [`backoff`], [`nonce`], [`cause`], `watched`, `tls`,
//! [`transport`], [`bounds`], [`cursors`], [`outbox`], [`journal`], `orders`, `driver`, [`client`], [`error`], `http`,
//! [`accounts`], [`files`].

pub mod accounts;
pub mod backoff;
pub mod bounds;
pub mod cause;
pub mod client;
pub mod cursors;
mod driver;
pub mod endpoint;
pub mod error;
pub mod files;
mod http;
pub mod journal;
pub mod nonce;
mod orders;
pub mod outbox;
mod tls;
pub mod transport;
mod watched;

pub use chat_proto as proto;

pub use cause::Cause;
pub use chat_proto::updates::{AskError, Outgoing, Update};
pub use client::Client;
pub use endpoint::Endpoint;
pub use error::Error;
pub use journal::Journal;
pub use orders::Options;
