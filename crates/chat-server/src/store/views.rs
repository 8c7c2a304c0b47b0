//! Queries over several tables. They only read.

pub(crate) mod admittance;
pub(crate) mod files;
pub(crate) mod gone_guests;
pub(crate) mod inventory;
pub(crate) mod members;
pub(crate) mod permissions;
pub(crate) mod rooms;
pub(crate) mod search;
pub(crate) mod snippets;
mod unread;
pub(crate) mod unused;
