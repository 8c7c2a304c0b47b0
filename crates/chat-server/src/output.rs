//! The memory of frames that wait to be sent, in all sessions together. Queues share a frame's bytes, so each frame
//! counts once, from its encoding until the last socket has accepted it.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use bytes::Bytes;
use tokio::sync::Notify;

/// The maximum number of bytes that wait. Beyond it, the sessions with the most waiting bytes are closed as slow.
pub const OUTPUT_BYTES: usize = 64 * 1024 * 1024;

/// Smaller frames are not counted, because their number is limited.
const COUNTED_BYTES: usize = 1024;

/// How many bytes of frames are in memory.
#[derive(Debug, Default)]
pub struct Output {
    bytes: AtomicUsize,
    exceeded: Notify,
}

/// A frame that is counted until it is dropped.
struct Counted {
    frame: Vec<u8>,
    output: Arc<Output>,
}

impl AsRef<[u8]> for Counted {
    fn as_ref(&self) -> &[u8] {
        &self.frame
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.output.bytes.fetch_sub(self.frame.len(), Ordering::Relaxed);
    }
}

impl Output {
    /// Wraps bytes to be sent, which count until the last reference is dropped.
    #[must_use]
    pub fn count(self: &Arc<Self>, frame: Vec<u8>) -> Bytes {
        if frame.len() < COUNTED_BYTES {
            return frame.into();
        }
        let before = self.bytes.fetch_add(frame.len(), Ordering::Relaxed);
        if before + frame.len() > OUTPUT_BYTES {
            self.exceeded.notify_one();
        }
        Bytes::from_owner(Counted { frame, output: self.clone() })
    }

    /// Returns how many bytes wait.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.bytes.load(Ordering::Relaxed)
    }

    /// Waits until too many bytes wait.
    pub async fn exceeded(&self) {
        self.exceeded.notified().await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn frames_count_once_until_the_last_holder_lets_go() {
        let output = Arc::new(Output::default());
        let frame = output.count(vec![0; OUTPUT_BYTES]);
        let (shared, part) = (frame.clone(), frame.slice(10..));
        assert_eq!(output.bytes(), OUTPUT_BYTES);
        drop((frame, shared));
        assert_eq!(output.bytes(), OUTPUT_BYTES, "the part holds all of it");
        let more = output.count(vec![0; COUNTED_BYTES]);
        output.exceeded().await;
        drop((part, more));
        assert_eq!(output.bytes(), 0);
    }
}
