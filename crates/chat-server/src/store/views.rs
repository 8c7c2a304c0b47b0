//! Questions about several tables at once. They only read.

pub mod admittance;
pub mod files;
pub mod gone_guests;
pub mod inventory;
pub mod members;
pub mod permissions;
pub mod rooms;
pub mod search;
pub mod snippets;
mod unread;
pub mod unused;
