//! Limits how many rooms guests create. A guest's name costs nothing, so rooms also count for the guest's address.

use std::net::IpAddr;
use std::sync::Arc;

use chat_proto::error::Refusal;
use chat_proto::user::Role;
use chat_proto::{ErrorCode, UserId};

use crate::error::Error;
use crate::rate::{ROOMS_A_DAY, Rates, Source};
use crate::store::Tx;
use crate::store::tables::rooms;
use chat_proto::policy::Permissions;

/// The maximum number of existing public and private rooms that one guest created.
const ROOMS_OF_GUEST: i64 = 20;

/// What a new room counts for.
pub struct Quota {
    /// The counts for each address.
    pub rates: Arc<Rates>,
    /// The creator's address.
    pub address: IpAddr,
}

impl Quota {
    /// Refuses a public or private room if its creator is a guest who has too many.
    pub(super) fn refuse_too_many(
        &self,
        tx: &mut Tx<'_>,
        user: UserId,
        by: &Permissions,
    ) -> Result<(), Error> {
        if by.server != Role::Guest
            || !self.rates.on()
            || rooms::count_made(tx.conn(), user)? < ROOMS_OF_GUEST
        {
            return Ok(());
        }
        let why =
            format!("You have made {ROOMS_OF_GUEST} rooms, the limit for guests. Register to make more.");
        Err(Error::refused(ErrorCode::Forbidden, why))
    }

    /// Counts a new room for a guest's address. MUST be called after every check that may refuse the room.
    pub(super) fn take(&self, by: &Permissions) -> Result<(), Error> {
        if by.server != Role::Guest {
            return Ok(());
        }
        self.rates.take_from(self.address, Source::Room).map_err(|refusal| {
            let minutes = refusal.retry_after_ms.unwrap_or_default().div_ceil(60_000);
            let message = format!(
                "Guests from your address have made {ROOMS_A_DAY} rooms within a day. Register to make more, or try \
                 again in {minutes} min."
            );
            Refusal { message, ..refusal }.into()
        })
    }
}
