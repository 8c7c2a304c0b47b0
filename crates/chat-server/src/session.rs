//! The life of a socket: hello, subscribe, catch up, then one `select!` until someone says goodbye.

mod catch_up;
mod farewell;
mod flood;
mod greeting;
pub(crate) mod socket;

use std::net::IpAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use chat_proto::command::Format;
use chat_proto::{ClientFrame, Command, ErrorCode, Reply, ServerFrame, UserId};
use tokio::time::{Instant, sleep_until};

use self::farewell::Farewell;
use self::flood::Flood;
use self::socket::{Incoming, Reader};
use crate::app::App;
use crate::auth::Peer;
use crate::commands::{self, Answer};
use crate::error::Error;
use crate::send_queue::{End, SendQueue};
use crate::viewer::Viewer;
use crate::wire;

/// How many messages of one session may be under way to the disk; the next is read when one is answered.
const SENDS_UNDER_WAY: usize = 256;

/// How much of what a session was answered may wait before its next command is read.
const REPLIES_WAITING: usize = 64 * 1024;

/// How long messages under way are waited for when the server stops.
const LAST_ANSWERS: Duration = Duration::from_secs(5);

/// How often a session's refusals are logged at most.
const IN_VAIN_EVERY: Duration = Duration::from_secs(10);

/// One live socket.
struct Session {
    app: Arc<App>,
    queue: Arc<SendQueue>,
    reader: Reader,
    /// Where it comes from.
    address: IpAddr,
    /// How it wants messages, from its hello on.
    format: Format,
    /// When the last frame was heard.
    heard: Instant,
    /// Whose it is, from its hello on.
    user: Option<UserId>,
    /// Denied requests that are not in the log yet.
    in_vain: InVain,
    /// What it was refused lately.
    flood: Flood,
}

/// How often a session asked for what it may not have.
#[derive(Default)]
struct InVain {
    count: u64,
    told: Option<Instant>,
}

/// Serves a socket until it ends. No `async fn`, whose task would hold what it is given twice.
pub(crate) fn run(
    app: Arc<App>,
    reader: Reader,
    queue: Arc<SendQueue>,
    peer: Box<Peer>,
) -> impl Future<Output = ()> + Send {
    let mut session = Session {
        app,
        queue,
        reader,
        address: peer.address,
        format: Format::default(),
        heard: Instant::now(),
        user: None,
        in_vain: InVain::default(),
        flood: Flood::new(),
    };
    async move {
        // What happens once has a place of its own, or an idle session would keep the room for it.
        let farewell = match Box::pin(session.greet(peer)).await {
            Ok((viewer, resume)) => session.stay(&viewer, resume).await,
            Err(farewell) => farewell,
        };
        session.app.metrics.slow_sessions.inc_by(u64::from(farewell == Farewell::Slow));
        Box::pin(farewell.say(&session.queue, &mut session.reader)).await;
    }
}

impl Session {
    /// From the registration of a user's session to its end.
    async fn stay(&mut self, viewer: &Viewer, resume: Box<greeting::Resume>) -> Farewell {
        let app = self.app.clone();
        app.metrics.sessions.inc();
        let farewell = match Box::pin(self.welcome(viewer, resume)).await {
            Ok(()) => {
                self.queue.release();
                self.live(viewer).await
            }
            Err(farewell) => farewell,
        };
        viewer.unsubscribe_all();
        app.hub.leave(viewer);
        app.metrics.sessions.dec();
        tracing::debug!(user = viewer.me.id, session = viewer.session, ?farewell, "session ended");
        farewell
    }

    async fn live(&mut self, viewer: &Viewer) -> Farewell {
        let app = self.app.clone();
        let (ping_every, silence) = (app.config.ping_every, app.config.silence);
        // Both wait for the whole session, so that a message costs no new registration with them.
        let mut shutdown = pin!(app.shutdown.cancelled());
        let mut next_ping = Instant::now() + ping_every;
        let mut due = pin!(sleep_until(next_ping.min(self.heard + silence)));
        let farewell = loop {
            // Who does not take its replies is asked nothing more.
            tokio::select! {
                drained = self.queue.replies_drained(REPLIES_WAITING) => if let Err(end) = drained {
                    break end.into();
                },
                () = &mut shutdown => break Farewell::Restart,
            }
            tokio::select! {
                biased;
                end = self.queue.pump() => break end.into(),
                () = &mut shutdown => break Farewell::Restart,
                incoming = next(&self.queue, &mut self.reader) => {
                    self.heard = Instant::now();
                    match incoming {
                        Incoming::Control => {}
                        Incoming::Text(json) => {
                            // An allocation for each, so that idle sessions do not hold the room for it.
                            let taken = async {
                                self.take(viewer, &json).await?;
                                self.slow_down().await
                            };
                            if let Err(farewell) = Box::pin(taken).await {
                                break farewell;
                            }
                        }
                        Incoming::End(farewell) => break farewell,
                    }
                }
                () = &mut due => {
                    // A client that takes output is alive, even if a long reply delays its answers to pings.
                    self.heard = self.heard.max(self.queue.last_taken().unwrap_or(self.heard));
                    if self.heard.elapsed() >= silence {
                        break Farewell::Idle;
                    }
                    if Instant::now() >= next_ping {
                        next_ping = Instant::now() + ping_every;
                        self.reader.refill();
                        self.queue.push_control(wire::ping());
                    }
                    due.as_mut().reset(next_ping.min(self.heard + silence));
                }
            }
        };
        if farewell == Farewell::Restart {
            // What is not answered by then stays in the client's outbox.
            let _ = tokio::time::timeout(LAST_ANSWERS, self.queue.expecting(0)).await;
        }
        farewell
    }

    /// Carries out one frame. Messages are only set under way; whatever else is asked waits for them,
    /// so that a connection's commands are done and answered in order.
    async fn take(&mut self, viewer: &Viewer, json: &str) -> Result<(), Farewell> {
        let (id, command) = match ClientFrame::decode(json) {
            Ok(ClientFrame { id, command: Command::Send(send) }) => {
                let sent = commands::send(&self.app, viewer, id, send).await;
                if let Err(e) = sent {
                    self.pumping(self.queue.expecting(0)).await?;
                    self.reply(id, e.respond("send").into());
                }
                return Ok(());
            }
            Ok(ClientFrame { id, command }) => (id, Ok(command)),
            Err(bad) => (bad.id, Err(Error::Refused(bad.refusal))),
        };
        self.carry_out(viewer, id, command).await
    }

    /// Carries out anything but a message, once those before it are answered.
    async fn carry_out(
        &mut self,
        viewer: &Viewer,
        id: Option<u64>,
        command: Result<Command, Error>,
    ) -> Result<(), Farewell> {
        self.pumping(self.queue.expecting(0)).await?;
        let silent = id.is_none() && matches!(command, Ok(Command::Typing(_)));
        let answer = match command {
            Ok(command) => self.pumping(commands::handle(&self.app, viewer, command)).await?,
            Err(e) => Err(e),
        };
        if !(silent && answer.is_ok()) {
            let Answer { reply, missed } =
                answer.unwrap_or_else(|e| Reply::from(e.respond("command")).into());
            self.reply(id, reply);
            if let Some(missed) = missed {
                Box::pin(self.catch_up(viewer.me.id, missed)).await?;
            }
        }
        self.queue.release();
        if viewer.is_leaving() { Err(Farewell::Revoked) } else { Ok(()) }
    }

    fn reply(&mut self, id: Option<u64>, reply: Reply) {
        if let Reply::Error(failure) = &reply {
            self.app.metrics.refused_commands.inc();
            self.flood.note(failure);
            self.note_in_vain(failure.code);
        }
        let mut frame = Vec::new();
        wire::write_text(&ServerFrame::Reply { id, reply }, &mut frame);
        self.queue.push_reply(self.app.hub.output.count(frame));
    }

    /// Pauses before it reads more from a session that is too fast, and ends one that floods the server.
    async fn slow_down(&mut self) -> Result<(), Farewell> {
        if self.flood.is_too_much() && self.app.rates.on() {
            return Err(Farewell::Flood);
        }
        if let Some(pause) = self.flood.take_pause() {
            self.pumping(tokio::time::sleep(pause)).await?;
        }
        Ok(())
    }

    /// Logs that someone asks for what they may not have, and how often, not more often than every
    /// [`IN_VAIN_EVERY`].
    fn note_in_vain(&mut self, code: ErrorCode) {
        use ErrorCode::{Banned, Forbidden, Muted, RateLimited, Unauthorized};
        if !matches!(code, Banned | Forbidden | Muted | RateLimited | Unauthorized) {
            return;
        }
        let in_vain = &mut self.in_vain;
        in_vain.count += 1;
        if in_vain.told.is_none_or(|told| told.elapsed() >= IN_VAIN_EVERY) {
            in_vain.told = Some(Instant::now());
            let (count, address) = (std::mem::take(&mut in_vain.count), self.address);
            tracing::info!(user = self.user, %address, ?code, count, "request denied");
        }
    }

    /// Waits for `what` while what waits for the socket goes out.
    async fn pumping<T>(&self, what: impl Future<Output = T>) -> Result<T, End> {
        tokio::select! {
            biased;
            end = self.queue.pump() => Err(end),
            done = what => Ok(done),
        }
    }
}

/// The next thing heard, once few enough messages are under way. Dropping it before it is ready loses nothing.
async fn next(queue: &SendQueue, reader: &mut Reader) -> Incoming {
    queue.expecting(SENDS_UNDER_WAY - 1).await;
    reader.next().await
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a session's task holds while it waits, in bytes.
    fn size_of_task<A, B, C, D, F>(_: impl Fn(A, B, C, D) -> F) -> usize {
        size_of::<F>()
    }

    #[test]
    fn an_idle_session_is_small() {
        let size = size_of_task(run);
        assert!(size <= 1000, "{size} bytes: box what an idle session does not need");
    }
}
