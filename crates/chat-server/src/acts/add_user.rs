//! What the operator does: making an account, and inviting someone to make theirs.

use std::sync::Arc;

use chat_proto::reply::AuditEntry;
use chat_proto::user::{Me, Role, User};
use chat_proto::{UserId, UserName};

use crate::clock::DAY_MS;
use crate::error::Error;
use crate::hub::Hub;
use crate::secret::TokenHash;
use crate::store::tables::{audit, codes, users};
use crate::store::{Act, Tx};

/// The operator's number, which no user has.
pub(crate) const OPERATOR_ID: UserId = UserId(0);

/// The operator as acts name them.
#[must_use]
pub(crate) fn operator() -> User {
    User { id: OPERATOR_ID, name: audit::OPERATOR.to_owned() }
}

/// Notes in the audit log what the operator did.
pub(super) fn note(tx: &mut Tx<'_>, action: &str, target: &str, reason: Option<&str>) -> Result<(), Error> {
    let entry = AuditEntry {
        at: tx.now(),
        by: audit::OPERATOR.to_owned(),
        action: action.to_owned(),
        target: target.to_owned(),
        room: None,
        reason: reason.map(str::to_owned),
    };
    audit::add(tx.conn(), &entry)
}

/// Makes an account.
pub(crate) struct AddUser {
    /// Its name, which may be a reserved one.
    pub(crate) name: UserName,
    /// Its role on the server.
    pub(crate) role: Role,
    /// The password's hash.
    pub(crate) password: String,
    /// Who is online: their names are theirs.
    pub(crate) hub: Arc<Hub>,
}

impl Act for AddUser {
    type Answer = Me;

    fn run(&mut self, tx: &mut Tx<'_>) -> Result<Me, Error> {
        let (now, is_online) = (tx.time(), |id| self.hub.is_online(id));
        let me = users::create_account(tx.conn(), &self.name, self.role, &self.password, now, is_online)?;
        note(tx, "user add", &me.name, Some(self.role.as_str()))?;
        Ok(me)
    }
}

/// Makes a code with which one person may register.
pub(crate) struct InviteToRegister {
    /// The code's hash.
    pub(crate) code: TokenHash,
    /// For how many days it is good.
    pub(crate) days: u32,
}

impl Act for InviteToRegister {
    type Answer = ();

    fn run(&mut self, tx: &mut Tx<'_>) -> Result<(), Error> {
        let now = tx.time();
        codes::expire(tx.conn(), now.age)?;
        codes::add(tx.conn(), &self.code, now.wall, now.wall + i64::from(self.days) * DAY_MS)?;
        note(tx, "user invite", "one person", Some(&format!("good for {} days", self.days)))
    }
}
