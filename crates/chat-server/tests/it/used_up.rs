//! Nothing is used up for ever: what nobody uses expires, and the operator can delete the rest.

mod deleted_rooms;
mod direct_rooms;
mod expiry;
mod guests;
