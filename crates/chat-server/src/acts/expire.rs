//! Ending what has run out.

use crate::error::Error;
use crate::store::consequence::Logins;
use crate::store::tables::{logins, sanctions, users};
use crate::store::{Act, Consequence, Tx};

/// Ends logins that were not used for long, with their sessions, and forgets mutes and bans that have ended.
pub(crate) struct Expire {
    /// Whether the clock is to be believed: then marks that it has set in the future while it was wrong are taken back.
    pub(crate) is_settled: bool,
}

impl Act for Expire {
    type Answer = ();

    fn run(&mut self, tx: &mut Tx<'_>) -> Result<(), Error> {
        let now = tx.time();
        let conn = tx.conn_changing_rights();
        if self.is_settled {
            users::forget_future(conn, now.mark)?;
            logins::forget_future(conn, now.mark)?;
            sanctions::forget_future(conn, now.mark)?;
        }
        sanctions::expire(conn, now.age)?;
        let ended = logins::expire(conn, now.age)?;
        if !ended.is_empty() {
            let which = Logins::Only(ended);
            tx.then(Consequence::LoginsEnded { user: None, which, caller: None });
        }
        Ok(())
    }
}
