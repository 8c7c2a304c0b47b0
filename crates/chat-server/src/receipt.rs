//! Answers the authors of messages. The thread that delivers a message answers its author, without waking the
//! author's task.

use std::sync::Arc;

use chat_proto::error::Refusal;
use chat_proto::reply::{Done, Reply};
use chat_proto::{Millis, Seq, ServerFrame};

use crate::send_queue::SendQueue;
use crate::store::{Position, ReplySlot};
use crate::wire;

/// A pending answer to a session. Dropping it without an answer releases its slot.
pub struct Receipt {
    /// The session's queue. `None` once it was answered.
    queue: Option<Arc<SendQueue>>,
    /// The command's `id`.
    id: Option<u64>,
    /// The room's name.
    room: String,
}

impl Receipt {
    /// Creates a receipt for the command `id`.
    #[must_use]
    pub fn new(queue: &Arc<SendQueue>, id: Option<u64>, room: String) -> Self {
        queue.expect();
        Self { queue: Some(queue.clone()), id, room }
    }

    /// Identifies the session: all receipts of one session return the same value.
    #[must_use]
    pub fn owner(&self) -> usize {
        self.queue.as_ref().map_or(0, |queue| Arc::as_ptr(queue).addr())
    }

    /// Answers with the message's position, or why it was refused. The answer is sent right after the session's next
    /// events, or by [`SendQueue::flush_answers`] of the queue that this returns.
    pub fn fill(mut self, outcome: Result<(Seq, Millis), Refusal>) -> Option<Arc<SendQueue>> {
        let queue = self.queue.take()?;
        let reply = match outcome {
            Ok((seq, at)) => {
                Reply::Ok(Done { room: Some(std::mem::take(&mut self.room)), seq: Some(seq), at: Some(at) })
            }
            Err(refusal) => refusal.into(),
        };
        let mut frame = Vec::new();
        wire::write_text(&ServerFrame::Reply { id: self.id, reply }, &mut frame);
        queue.answer(&frame);
        Some(queue)
    }
}

impl ReplySlot for Receipt {
    fn answer(self, outcome: Result<Position, Refusal>) {
        if let Some(queue) = self.fill(outcome.map(|position| (position.seq, position.at))) {
            queue.flush_answers();
        }
    }
}

impl Drop for Receipt {
    fn drop(&mut self) {
        if let Some(queue) = &self.queue {
            queue.answer(&[]);
        }
    }
}
