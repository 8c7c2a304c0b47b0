//! A member's own marks in a room: how far they have read, and what they want to be notified of.

use chat_proto::room::{Notify, RoomKind};
use chat_proto::{Seq, Signal, UserId};

use crate::error::Error;
use crate::store::tables::members;
use crate::store::views::permissions;
use crate::store::{Act, Consequence, RoomRef, SessionId, Tx};
use chat_proto::policy::{self, Right, Scope};

/// Sets the read mark, forwards or back, and tells the user's other sessions.
pub(crate) struct MarkRead {
    /// The user.
    pub(crate) user: UserId,
    /// The session that knows already.
    pub(crate) session: SessionId,
    /// The room.
    pub(crate) room: RoomRef,
    /// Everything up to it has been read.
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

/// Sets what of a room a user wants to be notified of.
pub(crate) struct SetNotifyLevel {
    /// The user.
    pub(crate) user: UserId,
    /// The room.
    pub(crate) room: RoomRef,
    /// What.
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
