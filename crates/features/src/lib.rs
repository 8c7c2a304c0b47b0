//! No code: the features of the libraries that several programs share.
//!
//! Cargo compiles a library anew for each set of features that is asked of it. The server and the terminal client are built one
//! after the other, and most of what they share would be compiled twice, because something below one of them asks for a feature
//! more. Both depend on this crate, whose manifest asks for all of them. `cargo xtask tidy` compares the two programs and names
//! what is missing here.
