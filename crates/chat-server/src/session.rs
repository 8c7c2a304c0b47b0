//! The life of a session: hello, subscribing, catching up, then one `select!` until either end says goodbye.

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

/// The maximum number of a session's messages that wait for a commit. The next command is read when one of them is
/// answered.
const SENDS_UNDER_WAY: usize = 256;

/// The maximum number of bytes of replies that may wait before the session's next command is read.
const REPLIES_WAITING: usize = 64 * 1024;

/// How long the server waits for messages in flight when it stops.
const LAST_ANSWERS: Duration = Duration::from_secs(5);

/// The minimum time between two log lines about a session's denied requests.
const DENIALS_EVERY: Duration = Duration::from_secs(10);

/// One live session.
struct Session {
    app: Arc<App>,
    queue: Arc<SendQueue>,
    reader: Reader,
    /// The client's address.
    address: IpAddr,
    /// The format of messages that its hello asked for.
    format: Format,
    /// When the last frame arrived.
    heard: Instant,
    /// The user, once the session has said hello.
    user: Option<UserId>,
    /// Denied requests that are not logged yet.
    denials: Denials,
    /// Recent refused commands.
    flood: Flood,
}

/// A session's denied requests.
#[derive(Default)]
struct Denials {
    count: u64,
    logged: Option<Instant>,
}

/// Serves a socket until it ends. Not an `async fn`, because its task would then hold the arguments twice.
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
        denials: Denials::default(),
        flood: Flood::new(),
    };
    async move {
        // Boxed, because it happens only once: an idle session's task must not keep the memory for it.
        let farewell = match Box::pin(session.greet(peer)).await {
            Ok((viewer, resume)) => session.stay(&viewer, resume).await,
            Err(farewell) => farewell,
        };
        session.app.metrics.slow_sessions.inc_by(u64::from(farewell == Farewell::Slow));
        Box::pin(farewell.say(&session.queue, &mut session.reader)).await;
    }
}

impl Session {
    /// Runs from the registration of a session to its end.
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
        tracing::debug!(user = viewer.me.id.0, session = viewer.session.0, ?farewell, "session ended");
        farewell
    }

    async fn live(&mut self, viewer: &Viewer) -> Farewell {
        let app = self.app.clone();
        let (ping_every, silence) = (app.config.ping_every, app.config.silence);
        // Both futures live as long as the session, so that handling a message does not register them again.
        let mut shutdown = pin!(app.shutdown.cancelled());
        let mut next_ping = Instant::now() + ping_every;
        let mut due = pin!(sleep_until(next_ping.min(self.heard + silence)));
        let farewell = loop {
            // No command is read while the client does not read its replies.
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
                            // Boxed for each command, so that idle sessions do not keep the memory for it.
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
                    // A client that reads is alive, even if a long reply delays its answers to pings.
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
            // A message without an answer by then stays in the client's outbox.
            let _ = tokio::time::timeout(LAST_ANSWERS, self.queue.expecting(0)).await;
        }
        farewell
    }

    /// Handles one frame. Messages are only queued. Any other command waits for them, so that a connection's commands
    /// are carried out and answered in order.
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

    /// Carries out any command except a message, once the messages before it are answered.
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
            self.note_denied(failure.code);
        }
        let mut frame = Vec::new();
        wire::write_text(&ServerFrame::Reply { id, reply }, &mut frame);
        self.queue.push_reply(self.app.hub.output.count(frame));
    }

    /// Pauses reading from a session that is too fast, and ends one that floods the server.
    async fn slow_down(&mut self) -> Result<(), Farewell> {
        if self.flood.is_too_much() && self.app.rates.on() {
            return Err(Farewell::Flood);
        }
        if let Some(pause) = self.flood.take_pause() {
            self.pumping(tokio::time::sleep(pause)).await?;
        }
        Ok(())
    }

    /// Logs denied requests and their number, at most once in [`DENIALS_EVERY`].
    fn note_denied(&mut self, code: ErrorCode) {
        use ErrorCode::{Banned, Forbidden, Muted, RateLimited, Unauthorized};
        if !matches!(code, Banned | Forbidden | Muted | RateLimited | Unauthorized) {
            return;
        }
        let denials = &mut self.denials;
        denials.count += 1;
        if denials.logged.is_none_or(|at| at.elapsed() >= DENIALS_EVERY) {
            denials.logged = Some(Instant::now());
            let (count, address) = (std::mem::take(&mut denials.count), self.address);
            tracing::info!(user = self.user.map(|user| user.0), %address, ?code, count, "request denied");
        }
    }

    /// Waits for a future, and writes to the socket meanwhile.
    async fn pumping<T>(&self, what: impl Future<Output = T>) -> Result<T, End> {
        tokio::select! {
            biased;
            end = self.queue.pump() => Err(end),
            done = what => Ok(done),
        }
    }
}

/// Returns the next frame, once few enough messages are in flight. Cancel-safe.
async fn next(queue: &SendQueue, reader: &mut Reader) -> Incoming {
    queue.expecting(SENDS_UNDER_WAY - 1).await;
    reader.next().await
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns how much a session's task holds while it waits, in bytes.
    fn size_of_task<A, B, C, D, F>(_: impl Fn(A, B, C, D) -> F) -> usize {
        size_of::<F>()
    }

    #[test]
    fn an_idle_session_is_small() {
        let size = size_of_task(run);
        assert!(size <= 1000, "{size} bytes: box what an idle session does not need");
    }
}
