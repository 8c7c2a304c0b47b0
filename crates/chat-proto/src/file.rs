//! File names. They come from strangers and become names on other people's disks.

use crate::limits::FILE_NAME_BYTES;

/// The name of a file if nothing of the given name can be kept.
const NAMELESS: &str = "file";

/// Names that are devices on some systems, with any extension.
const DEVICES: [&str; 6] = ["con", "prn", "aux", "nul", "com", "lpt"];

/// Returns a file name that is safe to store and to show: only the last path component, on one line, without
/// characters that hide or reorder what follows, without dots at its ends, and at most [`FILE_NAME_BYTES`] bytes of
/// UTF-8 including its extension.
#[must_use]
pub fn file_name(given: &str) -> String {
    let last = given.rsplit(['/', '\\']).next().unwrap_or_default();
    let plain: String = last.chars().filter(|c| !c.is_control() && !is_hidden(*c)).collect();
    let plain = plain.trim_matches(|c: char| c.is_whitespace() || c == '.');
    if plain.is_empty() {
        return NAMELESS.to_owned();
    }
    let stem = plain.split('.').next().unwrap_or_default().trim().to_ascii_lowercase();
    let is_device = DEVICES.contains(&stem.trim_end_matches(|c: char| c.is_ascii_digit()));
    let name = if is_device || plain.starts_with('-') { format!("_{plain}") } else { plain.to_owned() };
    shorten(&name)
}

fn shorten(name: &str) -> String {
    if name.len() <= FILE_NAME_BYTES {
        return name.to_owned();
    }
    let ending = name.rfind('.').map_or("", |dot| &name[dot..]);
    let ending = if ending.len() <= 16 { ending } else { "" };
    let end = name.floor_char_boundary(FILE_NAME_BYTES - ending.len());
    format!("{}{ending}", &name[..end])
}

/// Whether a character is invisible, so that it can make one name look like another.
fn is_hidden(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{180e}' | '\u{200b}'..='\u{200f}'
        | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}'
        | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn up_01_names_are_one_plain_part() {
        for (given, kept) in [
            ("cat.jpg", "cat.jpg"),
            ("../../etc/passwd", "passwd"),
            ("..\\..\\x", "x"),
            ("/abs", "abs"),
            ("a/..", "file"),
            ("", "file"),
            (".bashrc", "bashrc"),
            ("-rf", "_-rf"),
            ("nul\0.txt", "_nul.txt"),
            ("CON", "_CON"),
            ("com1.txt", "_com1.txt"),
            ("trailing.dot. ", "trailing.dot"),
            ("photo\u{202e}gpj.exe", "photogpj.exe"),
            ("a\r\nSet-Cookie: x=1", "aSet-Cookie: x=1"),
            ("日本.png", "日本.png"),
        ] {
            assert_eq!(file_name(given), kept, "{given:?}");
        }
        let long = file_name(&format!("{}.jpeg", "é".repeat(300)));
        assert!(long.len() <= FILE_NAME_BYTES && long.ends_with("é.jpeg"), "{long}");
    }
}
