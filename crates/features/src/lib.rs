//! No code: the features of the libraries that several programs share.
//!
//! Cargo compiles a library once for each requested set of features. The server and the terminal client are built one
//! after the other, and most of what they share would be compiled twice, because some dependency of one of them
//! requests one feature more. Both depend on this crate, whose manifest requests all of these features. `cargo xtask
//! tidy` compares the two programs and names what is missing here.
