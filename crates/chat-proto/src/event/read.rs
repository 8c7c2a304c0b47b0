//! Reads events leniently: an event of a newer kind, or with fields that cannot be read, still has a room and a seq,
//! and fails neither the connection nor the page that contains it.

use serde::de::{Deserialize, DeserializeOwned, Deserializer, Error};
use serde_json::Value;

use super::{Event, User, What};
use crate::{Millis, Seq};

/// An event of a kind that this version knows.
#[derive(serde::Deserialize)]
struct Known {
    room: String,
    seq: Seq,
    at: Millis,
    by: User,
    #[serde(flatten)]
    what: What,
}

/// The fields that make a frame an event.
#[derive(serde::Deserialize)]
struct Place {
    room: String,
    seq: Seq,
    r#type: String,
}

/// The other fields that every event has. Each is read on its own.
#[derive(serde::Deserialize)]
struct At {
    at: Millis,
}

#[derive(serde::Deserialize)]
struct By {
    by: User,
}

impl From<Known> for Event {
    fn from(Known { room, seq, at, by, what }: Known) -> Self {
        Self { room, seq, at, by, what }
    }
}

impl Event {
    /// Reads an event with a function that deserializes a struct from it. Fails if it has no room or no seq.
    fn read_with<E>(
        known: Result<Known, E>,
        place: impl FnOnce() -> Result<Place, E>,
        at: impl FnOnce() -> Result<At, E>,
        by: impl FnOnce() -> Result<By, E>,
    ) -> Result<Self, E> {
        if let Ok(known) = known {
            return Ok(known.into());
        }
        let Place { room, seq, r#type: kind } = place()?;
        let (at, by) =
            (at().map_or(Millis(0), |it| it.at), by().map_or_else(|_| User::default(), |it| it.by));
        Ok(Self { room, seq, at, by, what: What::Newer { kind } })
    }

    /// Reads an event from its frame.
    pub(crate) fn read(json: &str) -> serde_json::Result<Self> {
        use serde_json::from_str;
        Self::read_with(from_str(json), || from_str(json), || from_str(json), || from_str(json))
    }
}

impl<'de> Deserialize<'de> for Event {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = Value::deserialize(deserializer)?;
        // serde also reads structs from arrays, but an event is an object.
        if !value.is_object() {
            return Err(D::Error::custom("an event is one JSON object"));
        }
        Self::read_with(of(&value), || of(&value), || of(&value), || of(&value)).map_err(D::Error::custom)
    }
}

fn of<T: DeserializeOwned>(value: &Value) -> serde_json::Result<T> {
    T::deserialize(value)
}

/// Reads a list, and leaves out entries that cannot be read.
pub(crate) fn entries<'de, D: Deserializer<'de>, T: DeserializeOwned>(d: D) -> Result<Vec<T>, D::Error> {
    Ok(entries_if_any(d)?.unwrap_or_default())
}

/// Like [`entries`], for a list that may be missing.
pub(crate) fn entries_if_any<'de, D, T>(deserializer: D) -> Result<Option<Vec<T>>, D::Error>
where
    D: Deserializer<'de>,
    T: DeserializeOwned,
{
    let values = Option::<Vec<Value>>::deserialize(deserializer)?;
    Ok(values.map(|values| values.into_iter().filter_map(|value| T::deserialize(value).ok()).collect()))
}
