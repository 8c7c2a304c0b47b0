//! A member's own settings in a room: the read mark, and which messages notify them.

use chat_proto::room::{Notify, RoomKind};
use chat_proto::{Seq, Signal, UserId};

use crate::error::Error;
use crate::id::SessionId;
use crate::store::tables::members;
use crate::store::views::permissions;
use crate::store::{Act, Consequence, RoomRef, Tx};
use chat_proto::policy::{self, Right, Scope};

/// Sets the read mark, forwards or back, and tells the user's other sessions.
pub(crate) struct MarkRead {
    /// The user.
    pub(crate) user: UserId,
    /// The session that sent the command, which is not told.
    pub(crate) session: SessionId,
    /// The room.
    pub(crate) room: RoomRef,
    /// The last seq that has been read.
    pub(crate) seq: Seq,
}

impl Act for MarkRead {
    type Answer = ();

    fn run(&mut self, tx: &mut Tx<'_>) -> Result<(), Error> {
        ask(tx, self.user, &self.room)?;
        members::mark_read(tx.conn(), self.user, self.room.id, self.seq)?;
        let signal = Signal::Read { room: self.room.name.clone(), seq: self.seq };
        tx.then(Consequence::Signalled { user: self.user, except: Some(self.session), signal });
        Ok(())
    }
}

/// Sets which messages of a room notify the user.
pub(crate) struct SetNotifyLevel {
    /// The user.
    pub(crate) user: UserId,
    /// The room.
    pub(crate) room: RoomRef,
    /// The new level.
    pub(crate) level: Notify,
}

impl Act for SetNotifyLevel {
    type Answer = ();

    fn run(&mut self, tx: &mut Tx<'_>) -> Result<(), Error> {
        ask(tx, self.user, &self.room)?;
        members::set_notify(tx.conn(), self.user, self.room.id, self.level)
    }
}

fn ask(tx: &mut Tx<'_>, user: UserId, room: &RoomRef) -> Result<(), Error> {
    let (now, kind): (_, RoomKind) = (tx.now(), room.kind);
    let permissions = permissions::of(tx.conn(), user, Some(room.id))?;
    Ok(policy::may(&permissions, Right::Read, Scope::Room(&room.name, kind), now)?)
}
