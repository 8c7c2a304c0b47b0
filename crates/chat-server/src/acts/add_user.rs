//! The operator's ways to add people: creating an account, and inviting someone to register.

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

/// The operator's id, which no user has.
pub(crate) const OPERATOR_ID: UserId = UserId(0);

/// Returns the operator, as acts name the actor.
#[must_use]
pub(crate) fn operator() -> User {
    User { id: OPERATOR_ID, name: audit::OPERATOR.to_owned() }
}

/// Adds an operator's action to the audit log.
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

/// Creates an account.
pub(crate) struct AddUser {
    /// The account's name. It may be a reserved one.
    pub(crate) name: UserName,
    /// The account's role on the server.
    pub(crate) role: Role,
    /// The password's hash.
    pub(crate) password: String,
    /// Knows who is online: their names are taken.
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

/// Creates a code with which one person may register.
pub(crate) struct InviteToRegister {
    /// The code's hash.
    pub(crate) code: TokenHash,
    /// For how many days the code is valid.
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
