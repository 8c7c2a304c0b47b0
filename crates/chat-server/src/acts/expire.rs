//! Deletes what has expired.

use crate::error::Error;
use crate::store::consequence::Logins;
use crate::store::tables::{logins, sanctions, users};
use crate::store::{Act, Consequence, Tx};

/// Ends logins that were not used for long, and their sessions, and deletes expired mutes and bans.
pub(crate) struct Expire {
    /// Whether the clock is trusted. If so, use times that it set in the future while it was wrong are set back.
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
