//! Which files can be opened without risk. A stranger chooses a file's name, and the system chooses the program by
//! its extension. So both the content, as the server detected it, and the extension must be harmless.

use std::fmt;

use chat_proto::event::File;
use chat_proto::file_name;

/// Media types that are opened without a question, as the server detects them, with the extensions that fit.
/// Everything else might run code: `.desktop`, `.html`, `.svg`, `.jar`, and the formulas in a spreadsheet.
const VIEWED: &[(&str, &[&str])] = &[
    ("image/png", &["png"]),
    ("image/jpeg", &["jpg", "jpeg", "jpe", "jfif"]),
    ("image/gif", &["gif"]),
    ("image/webp", &["webp"]),
    ("image/avif", &["avif"]),
    ("image/heif", &["heif", "heic"]),
    ("image/jxl", &["jxl"]),
    ("image/bmp", &["bmp"]),
    ("image/tiff", &["tif", "tiff"]),
    ("audio/midi", &["mid", "midi"]),
    ("audio/mpeg", &["mp3"]),
    ("audio/m4a", &["m4a"]),
    ("audio/opus", &["opus"]),
    ("audio/ogg", &["ogg", "oga", "opus"]),
    ("audio/x-flac", &["flac"]),
    ("audio/x-wav", &["wav"]),
    ("audio/amr", &["amr"]),
    ("audio/aac", &["aac"]),
    ("audio/x-aiff", &["aif", "aiff"]),
    ("video/mp4", &["mp4", "m4v"]),
    ("video/x-m4v", &["m4v", "mp4"]),
    ("video/x-matroska", &["mkv"]),
    ("video/webm", &["webm"]),
    ("video/quicktime", &["mov"]),
    ("video/x-msvideo", &["avi"]),
    ("video/mpeg", &["mpg", "mpeg"]),
    ("application/pdf", &["pdf"]),
    ("text/plain", &["txt", "text", "log", "md"]),
];

/// Why a file is not opened without a question.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Doubt {
    /// Its content is not of a type that can only be viewed.
    Content,
    /// The system may treat it as another type because of its name.
    Ending,
}

impl fmt::Display for Doubt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Content => "Such a file may run something on this computer.",
            Self::Ending => "Its name does not fit that type, so it may run something on this computer.",
        })
    }
}

/// Checks by its type and its name that a file can only be viewed.
///
/// # Errors
/// The reason to ask the person first.
pub fn check(file: &File) -> Result<(), Doubt> {
    let viewed = VIEWED.iter().find(|(media_type, _)| *media_type == file.media_type);
    let (_, endings) = viewed.ok_or(Doubt::Content)?;
    let name = file_name(&file.name);
    let ending = name.rsplit_once('.').filter(|(stem, _)| !stem.is_empty()).map(|(_, ending)| ending);
    let fits = ending.is_some_and(|ending| endings.iter().any(|known| ending.eq_ignore_ascii_case(known)));
    if fits { Ok(()) } else { Err(Doubt::Ending) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checked(name: &str, media_type: &str) -> Result<(), Doubt> {
        let (id, url) = (String::new(), String::new());
        let (name, media_type) = (name.to_owned(), media_type.to_owned());
        check(&File { id, name, size: 1, media_type, url, width: None, height: None, thumb: None })
    }

    #[test]
    fn only_what_is_looked_at_by_type_and_ending_opens_without_a_question() {
        for (name, media_type) in [
            ("cat.png", "image/png"),
            ("CAT.JPEG", "image/jpeg"),
            ("a.b.pdf", "application/pdf"),
            ("$(reboot);.txt", "text/plain"),
            ("song.mp3", "audio/mpeg"),
            ("film.webm", "video/webm"),
        ] {
            assert_eq!(checked(name, media_type), Ok(()), "{name}");
        }
        for (name, media_type) in [
            ("Invoice.desktop", "text/plain"),
            ("x.terminal", "text/plain"),
            ("x.inetloc", "text/plain"),
            ("a.html", "text/plain"),
            ("a.svg", "text/plain"),
            ("a.csv", "text/plain"),
            ("notes", "text/plain"),
            (".txt", "text/plain"),
            ("cat.png.desktop", "image/png"),
            ("cat.png", "image/jpeg"),
            ("cat.pdf", "image/png"),
            ("cat.p\u{202e}ng.sh", "image/png"),
        ] {
            assert_eq!(checked(name, media_type), Err(Doubt::Ending), "{name}");
        }
        for (name, media_type) in [
            ("run.jar", "application/octet-stream"),
            ("a.html", "text/html"),
            ("a.svg", "image/svg+xml"),
            ("cat.png", "image/png; x"),
            ("cat.png", ""),
        ] {
            assert_eq!(checked(name, media_type), Err(Doubt::Content), "{name}");
        }
    }
}
