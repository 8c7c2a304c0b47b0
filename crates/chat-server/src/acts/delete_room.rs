//! Removes a room and everything in it.

use chat_proto::ErrorCode;
use chat_proto::room::RoomKind;
use serde::{Deserialize, Serialize};

use super::add_user::note;
use crate::error::Error;
use crate::id::RoomId;
use crate::store::tables::rooms::DEFAULT_ROOM;
use crate::store::tables::{events, files, members, messages, rooms, sanctions, search};
use crate::store::{Act, Consequence, RoomRef, Tx, lineage};
use chat_proto::policy;

/// The operator's way to name a room.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Named {
    /// By its name, which other rooms may have as well.
    Name(String),
    /// By its id.
    Id(RoomId),
}

/// Removes a room for the operator.
pub(crate) struct DeleteRoom {
    /// The room.
    pub(crate) room: Named,
}

impl Act for DeleteRoom {
    /// The room's name.
    type Answer = String;

    fn run(&mut self, tx: &mut Tx<'_>) -> Result<String, Error> {
        let id = self.find(tx)?;
        let RoomRef { name, kind, .. } = rooms::find(tx.conn(), id)?;
        if kind == RoomKind::Public && name == DEFAULT_ROOM {
            let why = format!("#{name} is the room that everyone enters first. It cannot be deleted.");
            return Err(Error::refused(ErrorCode::Forbidden, why));
        }
        let label =
            if kind == RoomKind::Direct { "a direct room of yours".to_owned() } else { format!("#{name}") };
        remove(tx, id, Some(format!("The operator deleted {label}.")))?;
        // Admins read the audit log, and nobody outside a private room may learn that it exists.
        let target = if kind == RoomKind::Public { name.as_str() } else { "a room that is not public" };
        note(tx, "room delete", target, None)?;
        Ok(name)
    }
}

impl DeleteRoom {
    fn find(&self, tx: &mut Tx<'_>) -> Result<RoomId, Error> {
        let name = match &self.room {
            Named::Id(id) => return Ok(*id),
            Named::Name(name) => name,
        };
        match rooms::named(tx.conn(), name)?.as_slice() {
            [] => Err(policy::no_such_room().into()),
            [id] => Ok(*id),
            several => {
                let ids: Vec<String> = several.iter().map(ToString::to_string).collect();
                let why = format!("There are rooms {} of that name. Name one with --id.", ids.join(", "));
                Err(Error::refused(ErrorCode::BadRequest, why))
            }
        }
    }
}

/// Removes a room, and tells its members `why`.
pub(super) fn remove(tx: &mut Tx<'_>, room: RoomId, why: Option<String>) -> Result<(), Error> {
    let at = tx.now();
    let conn = tx.conn_changing_rights();
    let head = rooms::head(conn, room)?;
    // The search index and the idempotency keys are read from the log, so its events are deleted last.
    search::forget_room(conn, room)?;
    let had_files = files::forget_of_room(conn, room)?;
    messages::forget_room(conn, room)?;
    sanctions::forget_room(conn, room)?;
    members::forget_room(conn, room)?;
    lineage::forget_room(conn, room)?;
    tx.forget_room(room)?;
    let conn = tx.conn();
    events::forget_room(conn, room)?;
    rooms::remove(conn, room, head)?;
    if had_files {
        tx.then(Consequence::ContentsDiscarded);
    }
    tx.then(Consequence::RoomRemoved { room, at, why });
    Ok(())
}
