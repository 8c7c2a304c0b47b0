//! What can be done, one verb a file: a struct that is an [`Act`](crate::store::Act). Each decides, changes tables,
//! appends its events and records its consequences in one transaction of the writer. Those who perform them
//! (`commands`, `http`, the operator) only parse, and answer.

pub mod add_user;
pub mod change;
pub mod change_password;
pub mod come_back;
pub mod create;
pub mod delete;
pub mod delete_room;
pub mod delete_user;
pub mod direct;
pub mod edit;
pub mod enter_as_guest;
pub mod expire;
pub mod expire_guests;
pub mod expire_rooms;
pub mod grant;
pub mod join;
pub mod keep_file;
pub mod leave;
pub mod log_in;
pub mod log_out;
pub mod mark;
pub mod membership;
pub mod moderate;
pub mod pin;
pub mod quota;
pub mod react;
pub mod register;
pub mod topic;
