//! Slots for uploads in progress. Only fast uploads take the slots that others wait for. A slow upload costs next to
//! nothing, so slow ones are counted separately.

use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use chat_proto::error::Refusal;
use chat_proto::{ErrorCode, UserId};
use parking_lot::Mutex;
use tokio::time::Instant;

/// The maximum number of simultaneous uploads that are not slow.
const UPLOADS: usize = 32;

/// The maximum number of simultaneous uploads.
const ALL_UPLOADS: usize = 256;

/// The maximum number of simultaneous uploads of one user.
const UPLOADS_OF_USER: usize = 4;

/// The maximum number of simultaneous uploads from one address.
const UPLOADS_OF_ADDRESS: usize = 16;

/// The rate below which an upload is slow, in bytes a second.
const SLOW: u64 = 64 * 1024;

/// How long an upload runs before its rate counts.
const TRIAL: Duration = Duration::from_secs(5);

/// When to try again if there are too many uploads, in milliseconds.
const BUSY_MS: u64 = 5000;

/// The uploads in progress.
#[derive(Default)]
pub(super) struct Slots(Mutex<Vec<Arc<Upload>>>);

struct Upload {
    user: UserId,
    /// `None` if addresses are not limited.
    address: Option<IpAddr>,
    began: Instant,
    bytes: AtomicU64,
}

impl Upload {
    fn is_slow(&self) -> bool {
        let age = self.began.elapsed();
        age >= TRIAL && self.bytes.load(Ordering::Relaxed) < age.as_secs().saturating_mul(SLOW)
    }
}

/// An upload's slot, which is released when it is dropped.
pub(super) struct Slot {
    slots: Arc<Slots>,
    upload: Arc<Upload>,
}

impl Slots {
    /// Takes a slot for another upload.
    ///
    /// # Errors
    /// `rate_limited` if there are too many.
    pub(super) fn take(slots: &Arc<Self>, user: UserId, address: Option<IpAddr>) -> Result<Slot, Refusal> {
        let mut under_way = slots.0.lock();
        let count = |which: &dyn Fn(&Upload) -> bool| under_way.iter().filter(|upload| which(upload)).count();
        let is_full = under_way.len() >= ALL_UPLOADS
            || count(&|upload| upload.user == user) >= UPLOADS_OF_USER
            || (address.is_some() && count(&|upload| upload.address == address) >= UPLOADS_OF_ADDRESS)
            || count(&|upload| !upload.is_slow()) >= UPLOADS;
        if is_full {
            let why = "Too many files are being uploaded. Try again when one is done.";
            let busy = Refusal::new(ErrorCode::RateLimited, why);
            return Err(Refusal { retry_after_ms: Some(BUSY_MS), ..busy });
        }
        let upload = Arc::new(Upload { user, address, began: Instant::now(), bytes: AtomicU64::new(0) });
        under_way.push(upload.clone());
        Ok(Slot { slots: slots.clone(), upload })
    }
}

impl Slot {
    /// Notes that bytes arrived.
    pub(super) fn came(&self, bytes: usize) {
        self.upload.bytes.fetch_add(bytes as u64, Ordering::Relaxed);
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        let mut under_way = self.slots.0.lock();
        under_way.retain(|upload| !Arc::ptr_eq(upload, &self.upload));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(n: u8) -> Option<IpAddr> {
        Some([192, 0, 2, n].into())
    }

    #[tokio::test(start_paused = true)]
    async fn slow_uploads_hold_no_slots_that_others_wait_for() {
        let slots = Arc::new(Slots::default());
        let slow: Vec<_> =
            (0..32).map(|n| Slots::take(&slots, UserId(n / 4), address(n as u8 / 8)).unwrap()).collect();
        assert!(Slots::take(&slots, UserId(99), address(99)).is_err(), "they may all be fast");
        tokio::time::advance(TRIAL).await;
        let honest = Slots::take(&slots, UserId(99), address(99)).unwrap();
        for upload in &slow {
            upload.came(10 * 1024 * 1024);
        }
        assert!(Slots::take(&slots, UserId(98), address(98)).is_err(), "they are fast after all");
        drop(slow);
        assert!(Slots::take(&slots, UserId(98), address(98)).is_ok());
        drop(honest);
        assert!(slots.0.lock().is_empty());
    }

    #[tokio::test(start_paused = true)]
    async fn a_user_and_an_address_have_limits_of_their_own() {
        let slots = Arc::new(Slots::default());
        let mut taken: Vec<_> = (0..4).map(|_| Slots::take(&slots, UserId(1), address(1)).unwrap()).collect();
        assert!(Slots::take(&slots, UserId(1), address(2)).is_err());
        taken.extend((0..12).map(|n| Slots::take(&slots, UserId(10 + n), address(1)).unwrap()));
        tokio::time::advance(TRIAL).await;
        assert!(Slots::take(&slots, UserId(50), address(1)).is_err(), "slow ones count for the address");
        assert!(Slots::take(&slots, UserId(50), address(2)).is_ok());
        assert!(Slots::take(&slots, UserId(51), None).is_ok(), "addresses may be unlimited");
    }
}
