//! The acts, one file each: a struct that implements [`Act`](crate::store::Act). In one transaction of the writer, an
//! act decides, changes tables, appends events and records consequences. Its callers (`commands`, `http`, the
//! operator) only parse and answer.

pub(crate) mod add_user;
pub(crate) mod change_password;
pub mod create;
pub(crate) mod delete;
pub(crate) mod delete_room;
pub(crate) mod delete_user;
pub(crate) mod direct;
pub(crate) mod edit;
pub(crate) mod enter_as_guest;
pub(crate) mod expire;
pub(crate) mod expire_guests;
pub(crate) mod expire_rooms;
pub(crate) mod grant;
pub(crate) mod join;
pub(crate) mod keep_file;
pub mod leave;
pub(crate) mod log_in;
pub(crate) mod log_out;
pub(crate) mod mark;
pub mod membership;
pub(crate) mod message_change;
pub mod moderate;
pub(crate) mod pin;
pub mod quota;
pub(crate) mod react;
pub(crate) mod register;
pub(crate) mod resume_login;
pub(crate) mod topic;
