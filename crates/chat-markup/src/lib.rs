//! The formatting of messages: CommonMark with strikethrough and bare links, as a tree of limited depth, and that
//! tree as HTML that is safe by construction. Tables, raw HTML and images are shown as text or links.
//!
//! Modules in order: [`tree`], [`mod@names`], [`html`].

pub mod html;
pub mod names;
pub mod tree;

pub use html::to_html;
pub use names::{addressed, names};
pub use tree::{Node, parse};
