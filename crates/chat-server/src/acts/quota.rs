//! How many rooms guests may make. A name costs nothing, so what guests make is counted for their address as well.

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

/// Most public and private rooms that were made by one guest and are still there.
const ROOMS_OF_GUEST: i64 = 20;

/// For whom a new room is counted.
pub struct Quota {
    /// The counts by address.
    pub rates: Arc<Rates>,
    /// Where the maker comes from.
    pub address: IpAddr,
}

impl Quota {
    /// Refuses to a guest the public or private room that would be one too many.
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
        let why = format!("A guest can make {ROOMS_OF_GUEST} rooms, and you have. Register to make more.");
        Err(Error::refused(ErrorCode::Forbidden, why))
    }

    /// Counts a new room for a guest's address. MUST come after everything else that may refuse the room.
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
