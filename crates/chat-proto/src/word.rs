//! Words of the protocol to which a newer version may add: roles, kinds, codes. A value that this version does not
//! know is kept as text, so that it can be shown and passed on. It never fails the frame that contains it.

use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

/// The maximum length of a [`Word`], in bytes. Longer text is cut at a character boundary.
pub const WORD_BYTES: usize = 40;

/// Replaces a value that is not text.
const NO_WORD: &str = "?";

/// A short text, stored inline and `Copy`.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Word {
    len: u8,
    bytes: [u8; WORD_BYTES],
}

impl Word {
    /// Creates a word from `text`, cut to [`WORD_BYTES`].
    #[must_use]
    pub fn new(text: &str) -> Self {
        let text = &text[..text.floor_char_boundary(WORD_BYTES)];
        let mut bytes = [0; WORD_BYTES];
        bytes[..text.len()].copy_from_slice(text.as_bytes());
        // WORD_BYTES fits into a byte.
        Self { len: u8::try_from(text.len()).unwrap_or_default(), bytes }
    }

    /// Returns the text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        // The bytes were cut at a character boundary, so they are always UTF-8.
        self.bytes
            .get(..usize::from(self.len))
            .and_then(|bytes| std::str::from_utf8(bytes).ok())
            .unwrap_or_default()
    }
}

impl fmt::Debug for Word {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), f)
    }
}

/// Declares an enum whose values are words on the wire and in the store, with a variant for every other word.
///
/// `From<&str>` reads a value and `as_str` writes it. [`known`] accepts only the values that this version knows.
macro_rules! open_enum {
    ($(#[$meta:meta])* $vis:vis enum $name:ident { $($(#[$doc:meta])* $variant:ident = $word:literal,)+ }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        $vis enum $name {
            $($(#[$doc])* $variant,)+
            /// A value that this version does not know, as text. Only reading makes one.
            Other($crate::word::Word),
        }

        impl $name {
            /// Returns the value as it is on the wire and in the store.
            #[must_use]
            $vis fn as_str(&self) -> &str {
                match self {
                    $(Self::$variant => $word,)+
                    Self::Other(word) => word.as_str(),
                }
            }

        }

        impl $crate::word::Known for $name {
            const VALUES: &'static [&'static str] = &[$($word,)+];

            fn is_known(self) -> bool {
                !matches!(self, Self::Other(_))
            }
        }

        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                match text {
                    $($word => Self::$variant,)+
                    other => Self::Other($crate::word::Word::new(other)),
                }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                $crate::word::read(deserializer, |text| Self::from(text))
            }
        }
    };
}
pub(crate) use open_enum;

/// Reads a value of any type and makes a word of it.
pub(crate) fn read<'de, D, T>(deserializer: D, make: fn(&str) -> T) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
{
    deserializer.deserialize_any(Any(make))
}

struct Any<T>(fn(&str) -> T);

impl<'de, T> Visitor<'de> for Any<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a word")
    }

    fn visit_str<E>(self, text: &str) -> Result<T, E> {
        Ok((self.0)(text))
    }

    fn visit_bool<E>(self, value: bool) -> Result<T, E> {
        Ok((self.0)(if value { "true" } else { "false" }))
    }

    fn visit_i64<E>(self, value: i64) -> Result<T, E> {
        Ok((self.0)(&value.to_string()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<T, E> {
        Ok((self.0)(&value.to_string()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<T, E> {
        Ok((self.0)(&value.to_string()))
    }

    fn visit_unit<E>(self) -> Result<T, E> {
        Ok((self.0)(NO_WORD))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<T, A::Error> {
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok((self.0)(NO_WORD))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<T, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok((self.0)(NO_WORD))
    }
}

/// A type with values that this version knows.
pub(crate) trait Known: for<'a> From<&'a str> + Copy {
    /// The known values, as they are on the wire.
    const VALUES: &'static [&'static str];

    /// Whether this is a known value.
    fn is_known(self) -> bool;
}

/// Reads a value that this version must know. For the fields of commands: the server carries out a command as it was
/// meant, or refuses it.
pub(crate) fn known<'de, D: Deserializer<'de>, T: Known>(deserializer: D) -> Result<T, D::Error> {
    let text = String::deserialize(deserializer)?;
    let value = T::from(&text);
    if value.is_known() { Ok(value) } else { Err(D::Error::unknown_variant(&text, T::VALUES)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    open_enum! {
        enum Size {
            Small = "small",
            Large = "large",
        }
    }

    #[test]
    fn a_word_is_cut_before_the_character_that_does_not_fit() {
        for (text, kept) in [
            (String::new(), String::new()),
            ("a".repeat(40), "a".repeat(40)),
            ("a".repeat(41), "a".repeat(40)),
            (format!("{}é", "a".repeat(39)), "a".repeat(39)),
            ("🎉".repeat(11), "🎉".repeat(10)),
            ("\u{1b}[2J\0".to_owned(), "\u{1b}[2J\0".to_owned()),
        ] {
            assert_eq!(Word::new(&text).as_str(), kept);
        }
        assert_eq!(format!("{:?}", Word::new("a\u{1b}")), r#""a\u{1b}""#);
    }

    #[test]
    fn an_unknown_value_survives_a_round_trip_and_a_known_one_stays_what_it_is() {
        for (json, value) in [
            (r#""small""#, Size::Small),
            (r#""large""#, Size::Large),
            (r#""Large""#, Size::Other(Word::new("Large"))),
            (r#""""#, Size::Other(Word::new(""))),
        ] {
            assert_eq!(serde_json::from_str::<Size>(json).unwrap(), value);
            assert_eq!(serde_json::to_string(&value).unwrap(), json);
            assert_eq!(Size::from(value.as_str()), value);
        }
    }

    #[test]
    fn a_value_of_another_type_fails_nothing() {
        for (json, text) in
            [("7", "7"), ("-7", "-7"), ("0.5", "0.5"), ("true", "true"), ("null", "?"), ("[[1],2]", "?")]
        {
            assert_eq!(serde_json::from_str::<Size>(json).unwrap().as_str(), text);
        }
        assert_eq!(serde_json::from_str::<Vec<Size>>(r#"[{"a":{"b":1}},"small"]"#).unwrap()[1], Size::Small);
    }
}
