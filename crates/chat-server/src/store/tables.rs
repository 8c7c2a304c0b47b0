//! One file a table family. The files do not import each other: what concerns several tables is a view or an act.

pub mod audit;
pub mod codes;
pub mod events;
pub mod files;
pub mod logins;
pub mod members;
pub mod messages;
pub(super) mod meta;
pub(super) mod nonces;
pub mod rooms;
pub mod sanctions;
pub mod search;
pub mod users;
