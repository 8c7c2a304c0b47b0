//! Names of users and rooms. They are only made by parsing, so every value is valid.

use std::fmt;
use std::sync::LazyLock;

use precis_core::profile::PrecisFastInvocation;
use precis_profiles::UsernameCaseMapped;
use unicode_security::{GeneralSecurityProfile, MixedScript, skeleton};

use crate::error::{ErrorCode, Refusal};
use crate::limits::{NAME_BYTES, NAME_CHARS, ROOM_NAME_BYTES};

/// Names that could be mistaken for the system or for a group. No guest may have one of them or a lookalike.
const RESERVED: &[&str] = &[
    "admin",
    "administrator",
    "all",
    "channel",
    "deleted",
    "everyone",
    "false",
    "here",
    "me",
    "mod",
    "moderator",
    "nobody",
    "operator",
    "null",
    "root",
    "server",
    "system",
    "true",
    "undefined",
];

/// Names that stand for an authority. A name is also reserved if it begins with one of these or contains one as a
/// part.
const AUTHORITIES: &[&str] =
    &["admin", "moderator", "operator", "root", "server", "staff", "support", "system"];

/// Authorities that are only recognised as a whole part of a name: with more letters they are other words, such as
/// `modest`.
const AUTHORITIES_AS_PARTS: &[&str] = &["mod", "official", "owner", "team"];

/// The confusable skeletons of these names, computed once because every new name is compared with them.
struct ReservedSkeletons {
    reserved: Vec<String>,
    authorities: Vec<String>,
    as_parts: Vec<String>,
    deleted: String,
}

static RESERVED_SKELETONS: LazyLock<ReservedSkeletons> = LazyLock::new(|| {
    let skeletons = |names: &[&str]| names.iter().map(|name| folded_skeleton(name)).collect();
    ReservedSkeletons {
        reserved: skeletons(RESERVED),
        authorities: skeletons(AUTHORITIES),
        as_parts: skeletons(AUTHORITIES_AS_PARTS),
        deleted: folded_skeleton("deleted"),
    }
});

/// Whether a name could be taken for the system, for an authority or for a group of people.
fn is_reserved(name: &str) -> bool {
    let parts: Vec<String> = name
        .split(|c: char| !c.is_alphanumeric())
        .map(|part| folded_skeleton(part.trim_end_matches(|c: char| c.is_ascii_digit())))
        .filter(|part| !part.is_empty())
        .collect();
    let whole = parts.concat();
    let all = folded_skeleton(&name.replace(|c: char| !c.is_alphanumeric(), ""));
    let begins = |text: &String| {
        RESERVED_SKELETONS.authorities.iter().any(|word| {
            // Short words are the beginnings of unrelated words.
            if word.len() > 4 { text.starts_with(word) } else { text == word }
        })
    };
    RESERVED_SKELETONS.reserved.iter().any(|word| [&whole, &all].contains(&word))
        || begins(&all)
        || parts.iter().any(begins)
        || (parts.len() > 1 && RESERVED_SKELETONS.as_parts.iter().any(|word| parts.contains(word)))
        // Deleted users are called `deleted-7`.
        || parts.first() == Some(&RESERVED_SKELETONS.deleted)
}

/// A user's name: the PRECIS profile UsernameCaseMapped (RFC 8265), written in one script (UTS #39), with letters,
/// marks and digits, and `-`, `_` and `.` inside.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct UserName {
    name: String,
    key: String,
}

impl UserName {
    /// Parses a name as a person typed it. The result may differ from it: case and width are folded.
    ///
    /// # Errors
    /// `name_invalid`, with what is wrong with the name.
    pub fn parse(input: &str) -> Result<Self, Refusal> {
        let invalid = |why: &str| Refusal::new(ErrorCode::NameInvalid, why);
        // Limits the work below before the input reaches the Unicode tables.
        if input.len() > 4 * NAME_BYTES {
            return Err(too_long());
        }
        let name = UsernameCaseMapped::enforce(input)
            .map_err(|_| invalid("A name is made of letters and digits, without spaces or signs."))?
            .into_owned();
        if name.chars().count() > NAME_CHARS || name.len() > NAME_BYTES {
            return Err(too_long());
        }
        if !name.chars().all(|c| matches!(c, '-' | '_' | '.') || !c.is_ascii_punctuation()) {
            return Err(invalid("The only signs that a name may have are '-', '_' and '.'."));
        }
        let starts_well = name.chars().next().is_some_and(char::is_alphanumeric);
        if !starts_well || name.ends_with('.') || name.contains("..") {
            return Err(invalid("A name starts with a letter or a digit and does not end with a dot."));
        }
        if !name.chars().all(|c| c.is_ascii() || c.identifier_allowed()) {
            return Err(invalid("The name has a character that is easily mistaken for another."));
        }
        if !name.as_str().is_single_script() {
            return Err(invalid("A name must be in one script. This one mixes several."));
        }
        let key = folded_skeleton(&name);
        Ok(Self { name, key })
    }

    /// Returns the name as everyone sees it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.name
    }

    /// Returns the folded UTS #39 skeleton, which is equal for two names that can be mistaken for each other. It is
    /// unique among the names in use.
    #[must_use]
    pub fn key(&self) -> &str {
        &self.key
    }

    /// Whether the name could be mistaken for the system or for a group of people.
    #[must_use]
    pub fn is_reserved(&self) -> bool {
        is_reserved(&self.name)
    }
}

fn too_long() -> Refusal {
    Refusal::new(ErrorCode::NameInvalid, format!("A name has at most {NAME_CHARS} characters."))
}

/// Returns the folded skeleton of UTS #39. Skeletons keep case (`0` becomes `O`), so the result is folded and its
/// skeleton is taken once more.
fn folded_skeleton(name: &str) -> String {
    let once: String = skeleton(name).flat_map(char::to_lowercase).collect();
    skeleton(&once).flat_map(char::to_lowercase).collect()
}

impl fmt::Display for UserName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
    }
}

/// A room's name: 1 to 32 of `a-z 0-9 - _`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RoomName(String);

impl RoomName {
    /// Parses a room's name as it is on the wire, without a leading `#`.
    ///
    /// # Errors
    /// `name_invalid` if the name is not allowed.
    pub fn parse(input: &str) -> Result<Self, Refusal> {
        let fits = (1..=ROOM_NAME_BYTES).contains(&input.len());
        let allowed = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'-' | b'_');
        if fits && input.bytes().all(allowed) {
            Ok(Self(input.to_owned()))
        } else {
            Err(Refusal::new(
                ErrorCode::NameInvalid,
                format!("A room's name has 1 to {ROOM_NAME_BYTES} of the characters a-z, 0-9, '-' and '_'."),
            ))
        }
    }

    /// Whether the room could be mistaken for one of the system or for a group of people.
    #[must_use]
    pub fn is_reserved(&self) -> bool {
        is_reserved(&self.0)
    }

    /// Returns the name as it is on the wire.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for RoomName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Whether the text after an `@` is the server's name for a direct room (the ids of two users) and not a user's name.
#[must_use]
pub fn is_pair(name: &str) -> bool {
    let is_number = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    name.split_once('-').is_some_and(|(one, other)| is_number(one) && is_number(other))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(input: &str) -> String {
        UserName::parse(input).unwrap_or_else(|e| panic!("{input:?}: {e}")).as_str().to_owned()
    }

    #[track_caller]
    fn refused(input: &str) {
        assert!(UserName::parse(input).is_err(), "{input:?} should be refused");
    }

    #[track_caller]
    fn alike(a: &str, b: &str) {
        let key = |n: &str| UserName::parse(n).unwrap().key().to_owned();
        assert_eq!(key(a), key(b), "{a:?} looks like {b:?}");
    }

    #[test]
    fn folds_case_and_width() {
        assert_eq!(parsed("Alice"), "alice");
        assert_eq!(parsed("ＡＬＩＣＥ"), "alice");
        assert_eq!(parsed("алиса"), "алиса");
        assert_eq!(parsed("さくら"), "さくら");
        assert_eq!(parsed("jean-luc_2.0"), "jean-luc_2.0");
        assert_eq!(parsed("josé"), parsed("jose\u{301}"));
    }

    #[test]
    fn refuses_what_could_deceive_or_break() {
        for name in [
            "",
            " ",
            "a b",
            "a\nb",
            "a\u{1b}[2J",
            "a\u{202e}b",
            "a\u{200b}b",
            "ad\u{ad}min",
            ".",
            "..",
            ".a",
            "a.",
            "a..b",
            "-a",
            "@all",
            "#x",
            "/etc",
            "a/b",
            "a:b",
            "<b>",
            "😀",
            "\u{301}",
            "\u{3164}",
            "\u{0}",
            "аlice",
            "ChɑnServ",
            "ⓐdmin",
        ] {
            refused(name);
        }
        refused(&"a".repeat(33));
        refused(&"a".repeat(100_000));
        assert_eq!(parsed(&"a".repeat(32)).len(), 32);
        refused(&"漢".repeat(22));
    }

    #[test]
    fn sees_through_look_alikes() {
        alike("alice", "a1ice");
        alike("mark", "rnark");
        alike("owner", "0wner");
        assert_ne!(UserName::parse("alice").unwrap().key(), UserName::parse("bob").unwrap().key());
        // A name written entirely in Cyrillic letters that look Latin.
        alike("сосо", "coco");
    }

    #[test]
    fn reserves_the_system_s_names_in_any_spelling() {
        for name in ["system", "System", "ADMIN", "adrnin", "n0body"] {
            assert!(UserName::parse(name).unwrap().is_reserved(), "{name}");
        }
        for name in [
            "admin_",
            "admin-bob",
            "bob.admin",
            "_admin_".trim_matches('_'),
            "admin2",
            "administration",
            "a-d-m-i-n",
            "adrnin1",
            "the-system",
            "mod-bob",
            "mod7",
            "chat-team",
            "SysteM-x",
            "supp0rt",
            "root2",
            "everyone1",
            "h-e-r-e",
            "server-1",
            "deleted.9",
        ] {
            assert!(UserName::parse(name).unwrap().is_reserved(), "{name}");
        }
        for name in [
            "alice",
            "modesto",
            "melanie",
            "allan",
            "rootkit",
            "heretic",
            "serverus7x".trim_start_matches("serverus"),
            "bob-the-builder",
            "owner",
            "paul.mader",
            "teamster",
            "nulla",
            "jean-luc_2.0",
        ] {
            assert!(!UserName::parse(name).unwrap().is_reserved(), "{name}");
        }
        assert!(
            RoomName::parse("admin-chat").unwrap().is_reserved()
                && !RoomName::parse("dev").unwrap().is_reserved()
        );
    }

    #[test]
    fn parsing_a_name_again_changes_nothing() {
        for name in ["Alice", "ＡＬＩＣＥ", "İstanbul", "Straße", "ΣΊΣΥΦΟΣ"] {
            if let Ok(once) = UserName::parse(name) {
                assert_eq!(UserName::parse(once.as_str()).unwrap(), once);
            }
        }
    }

    #[test]
    fn room_names() {
        for name in ["a", "general", "dev-2_x", &"r".repeat(32)] {
            assert_eq!(RoomName::parse(name).unwrap().as_str(), name);
        }
        for name in ["", "General", "a b", "#a", "ä", "a/b", "..", &"r".repeat(33)] {
            assert!(RoomName::parse(name).is_err(), "{name:?}");
        }
    }
}
