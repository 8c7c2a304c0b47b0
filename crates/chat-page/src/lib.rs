//! The browser client: the files of `web/`, built into the program.
//!
//! This crate knows what the files are and nothing about how they are served. Debug builds read them from disk, so a
//! change shows at the next reload.
//!
//! The browser loads the modules as they are. They have five layers, and a test checks that each only imports
//! those below it:
//!
//! - `model/`: the page's state. Pure: no document, network, clock or storage.
//! - `net/`: the socket, HTTP, and the browser's storage.
//! - `actions/`: what the person does. They get the views that they act on as arguments, and import none.
//! - `views/`: what is on the screen. They get the actions that they call as arguments, and import none.
//! - `wiring/` and `app.js`: create the parts and pass each what it needs.
//!
//! Types are in comments, and in `types/` beside `web/`: `wire.d.ts` has the frames as chat-proto does, `state.d.ts` the
//! page's state. `tsc` checks them, and node runs `tests/unit`, both from crates/e2e: neither is needed to build or to
//! run the page.

use std::borrow::Cow;
use std::fmt::Write;

use rust_embed::RustEmbed;

#[derive(RustEmbed)]
#[folder = "web/"]
struct Web;

/// A file of the page.
pub struct File {
    /// The file's bytes.
    pub content: Cow<'static, [u8]>,
    /// The media type, with the character set if it is text.
    pub media_type: String,
    /// 24 hexadecimal digits of the content's SHA-256. Equal contents have equal hashes.
    pub hash: String,
}

/// Returns the file at `path`, relative to the page and with `/` between folders, such as `views/timeline.js`.
///
/// `None` for anything that is not one of [`paths`], including names that lead out of the folder.
#[must_use]
pub fn file(path: &str) -> Option<File> {
    // A debug build opens the path on disk.
    if path.split('/').any(|part| part.is_empty() || part.starts_with('.')) {
        return None;
    }
    let file = Web::get(path)?;
    let mut hash = String::new();
    for byte in &file.metadata.sha256_hash()[..12] {
        // Writing to a string cannot fail.
        let _ = write!(hash, "{byte:02x}");
    }
    let media_type = match file.metadata.mimetype() {
        text if text.starts_with("text/") => format!("{text}; charset=utf-8"),
        other => other.to_owned(),
    };
    Some(File { content: file.data, media_type, hash })
}

/// Returns the paths of all files.
pub fn paths() -> impl Iterator<Item = Cow<'static, str>> {
    Web::iter()
}

#[cfg(test)]
mod tests {
    use super::{file, paths};

    #[test]
    fn every_path_is_a_file_with_a_type_and_a_hash() {
        assert!(paths().count() > 30);
        for path in paths() {
            let file = file(&path).unwrap_or_else(|| panic!("{path}"));
            assert!(file.content.len() > 100, "{path}");
            assert_ne!(file.media_type, "application/octet-stream", "{path}");
            assert_eq!(file.hash.len(), 24, "{path}");
        }
    }

    #[test]
    fn scripts_and_styles_are_text() {
        for (path, media_type) in [
            ("index.html", "text/html; charset=utf-8"),
            ("app.js", "text/javascript; charset=utf-8"),
            ("styles/layout.css", "text/css; charset=utf-8"),
        ] {
            assert_eq!(file(path).map(|file| file.media_type).as_deref(), Some(media_type));
        }
    }

    #[test]
    fn a_path_out_of_the_folder_is_no_file() {
        for path in [
            "",
            ".",
            "../Cargo.toml",
            "views/../../Cargo.toml",
            "/etc/passwd",
            "views//timeline.js",
            "nothing.js",
        ] {
            assert!(file(path).is_none(), "{path}");
        }
    }
}
