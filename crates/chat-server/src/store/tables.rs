//! One file for each family of tables. The files do not import each other: what concerns several tables is a view or
//! an act.

pub(crate) mod audit;
pub(crate) mod codes;
pub mod events;
pub(crate) mod files;
pub(crate) mod logins;
pub mod members;
pub(crate) mod messages;
pub(super) mod meta;
pub(super) mod nonces;
pub mod rooms;
pub(crate) mod sanctions;
pub(crate) mod search;
pub mod users;
