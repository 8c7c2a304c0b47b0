//! Sends the events that a session missed in a room, a page at a time, as fast as its client reads.

use chat_proto::limits::PAGE;
use chat_proto::{ServerFrame, UserId};

use super::farewell::Farewell;
use super::{REPLIES_WAITING, Session};
use crate::commands::{Missed, page_permit};
use crate::pages::{self, Keep};
use crate::store::Conn;
use crate::store::tables::{events, members};
use crate::wire;

impl Session {
    /// Sends the events after the cursor up to the head. The queue holds back newer events.
    pub(super) async fn catch_up(&mut self, user: UserId, missed: Missed) -> Result<(), Farewell> {
        let Missed { room, mut cursor, head } = missed;
        while cursor < head {
            self.queue.replies_drained(REPLIES_WAITING).await?;
            let permit = page_permit(&self.app).await;
            let in_room = room.clone();
            let read = move |conn: &mut Conn| {
                let is_member = members::role(conn, user, in_room.id)?.is_some();
                is_member.then(|| events::after(conn, &in_room, cursor, head, PAGE)).transpose()
            };
            let page = match self.app.store.read_snapshot(read).await {
                Ok(Some(page)) => page,
                // The user was removed. The events in the queue say so.
                Ok(None) => return Ok(()),
                Err(e) => {
                    tracing::error!(room = room.name, error = e.cause(), "missed events cannot be read");
                    return Err(Farewell::Restart);
                }
            };
            let page = pages::fit(self.format, page, Keep::First).await.items;
            let Some(last) = page.last() else {
                tracing::error!(room = room.name, cursor = cursor.0, head = head.0, "the log has a gap");
                return Err(Farewell::Restart);
            };
            cursor = last.seq;
            let mut frames = Vec::new();
            for event in page {
                wire::write_text(&ServerFrame::Event(event), &mut frames);
            }
            drop(permit);
            self.queue.push_reply(self.app.hub.output.count(frames));
        }
        Ok(())
    }
}
