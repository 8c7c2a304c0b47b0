//! The start of a session: hello, subscriptions, and missed events.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use chat_proto::command::Hello;
use chat_proto::error::Refusal;
use chat_proto::limits::{Limits, REPLAY};
use chat_proto::reply::{Server, Welcome};
use chat_proto::user::Me;
use chat_proto::{ClientFrame, Command, ErrorCode, PROTOCOL, Reply, Seq, ServerFrame, Signal, Token, UserId};

use tokio::time::{Instant, timeout_at};

use super::farewell::Farewell;
use super::socket::Incoming;
use super::{REPLIES_WAITING, Session};
use crate::app::App;
use crate::auth::{self, Peer};
use crate::commands::Missed;
use crate::error::Error;
use crate::hub::MAX_SESSIONS;
use crate::rate::{Cost, Source};
use crate::store::Conn;
use crate::store::tables::rooms::DEFAULT_ROOM;
use crate::store::views::admittance;
use crate::store::views::rooms::{self, Listed, Which};
use crate::viewer::Viewer;
use crate::wire;

/// The server's features beyond the first version of the protocol.
const FEATURES: [&str; 2] = ["epochs", "room"];

/// How long a client may take to say hello.
const HELLO: Duration = Duration::from_secs(10);

/// How long a hello waits at most until its address may send another one.
const ARRIVAL: Duration = Duration::from_secs(5);

/// An accepted user, with the token to resume with and the user's rooms.
type Accepted = (Arc<Viewer>, Option<Token>, Vec<Listed>);

/// The meaning of a cursor in a room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Means {
    /// The same event as when it was issued.
    Event,
    /// It is not valid in this epoch.
    Nothing,
    /// An event of an earlier room with the same name.
    EarlierRoom,
}

/// Where a session resumes.
pub(super) struct Resume {
    /// The `id` of its hello.
    id: Option<u64>,
    /// The rooms that the user was in at that time.
    rooms: Vec<Listed>,
    token: Option<Token>,
    cursors: BTreeMap<String, Seq>,
    log: Option<String>,
}

impl Session {
    /// Waits for a hello that can be accepted.
    pub(super) async fn greet(&mut self, peer: Box<Peer>) -> Result<(Arc<Viewer>, Box<Resume>), Farewell> {
        let shutdown = self.app.shutdown.clone();
        tokio::select! {
            () = shutdown.cancelled() => Err(Farewell::Restart),
            greeted = self.hello(&peer) => greeted,
        }
    }

    async fn hello(&mut self, peer: &Peer) -> Result<(Arc<Viewer>, Box<Resume>), Farewell> {
        // Only the client's time counts, because a hello may wait for earlier ones.
        let deadline = Instant::now() + HELLO;
        loop {
            let json = match timeout_at(deadline, self.reader.next()).await {
                Ok(Incoming::Text(json)) => json,
                Ok(Incoming::Control) => continue,
                Ok(Incoming::End(farewell)) => return Err(farewell),
                Err(_) => return Err(Farewell::NoHello),
            };
            let (id, refused) = match ClientFrame::decode(&json) {
                Ok(ClientFrame { id, command: Command::Hello(hello) }) => {
                    match self.accept(&hello, peer).await {
                        Ok((viewer, token, rooms)) => {
                            (self.format, self.user) = (viewer.format, Some(viewer.me.id));
                            let resume = Resume { id, rooms, token, cursors: hello.resume, log: hello.log };
                            return Ok((viewer, Box::new(resume)));
                        }
                        Err(e) => (id, e.respond("hello")),
                    }
                }
                Ok(ClientFrame { id, .. }) => (id, Refusal::new(ErrorCode::HelloFirst, "Say hello first.")),
                Err(bad) => (bad.id, bad.refusal),
            };
            let is_banned = refused.code == ErrorCode::Banned;
            self.reply(id, refused.into());
            if is_banned {
                return Err(Farewell::Banned);
            }
            self.slow_down().await?;
            timeout_at(deadline, self.queue.replies_drained(REPLIES_WAITING))
                .await
                .map_err(|_| Farewell::NoHello)??;
        }
    }

    /// Waits until the address may send another hello.
    async fn arrive(&self, address: IpAddr) -> Result<(), Error> {
        let deadline = Instant::now() + ARRIVAL;
        while let Err(refusal) = self.app.rates.take_from(address, Source::Arrival) {
            let wait = Duration::from_millis(refusal.retry_after_ms.unwrap_or_default());
            if Instant::now() + wait > deadline {
                return Err(refusal.into());
            }
            tokio::time::sleep(wait).await;
        }
        Ok(())
    }

    async fn accept(&self, hello: &Hello, peer: &Peer) -> Result<Accepted, Error> {
        let app = &self.app;
        self.arrive(peer.address).await?;
        // However many users arrive at once, existing sessions are served in between.
        let _permit = app.arrivals.acquire().await.map_err(|e| Error::Internal(e.into()))?;
        let greeted = auth::hello(app, hello, peer).await?;
        app.rates.take(greeted.me.id, Cost::Hello)?;
        let session = app.hub.next_session();
        let limit = if app.rates.on() { MAX_SESSIONS } else { usize::MAX };
        let way = (self.queue.clone(), hello.format.unwrap_or_default());
        let viewer = Arc::new(Viewer::new(greeted.me, greeted.login, session, way, peer.address));
        if !app.hub.enter(&viewer, limit) {
            let why = format!("You have {MAX_SESSIONS} connections open, which is the limit.");
            return Err(Error::refused(ErrorCode::Forbidden, why));
        }
        let registered = Registered { app: app.clone(), viewer: Some(viewer.clone()) };
        if greeted.is_note_due {
            viewer.note_active();
        }
        let (me, login) = (viewer.me.clone(), viewer.login());
        let (address, now, hub) = (peer.address, app.config.clock.read(), app.hub.clone());
        let look = move |conn: &mut Conn, as_of| {
            // The session was not in the hub yet when changes to the user since the read above were published.
            let shown = admittance::admitted(conn, &login, address, now)?;
            if shown.user != me || shown.is_nameless() {
                let why = "Your user was changed just now. Say hello again.";
                return Err(Error::refused(ErrorCode::Unavailable, why));
            }
            Ok(rooms::list(conn, me.id, Which::Joined, &hub.tallies, (as_of, now.wall))?.0)
        };
        let rooms = app.store.read_as_of(look).await?;
        registered.keep();
        Ok((viewer, greeted.token, rooms))
    }

    /// Subscribes to the user's rooms, sends `welcome`, and then the missed events of each room. The queue holds back
    /// newer events.
    pub(super) async fn welcome(&mut self, viewer: &Viewer, resume: Box<Resume>) -> Result<(), Farewell> {
        let id = resume.id;
        let (welcome, missed) = match self.subscribe_all(viewer, *resume).await {
            Ok(subscribed) => subscribed,
            Err(e) => {
                self.reply(id, e.respond("hello").into());
                return Err(Farewell::Restart);
            }
        };
        self.reply(id, Reply::Welcome(Box::new(welcome)));
        for room in missed {
            self.queue.replies_drained(REPLIES_WAITING).await?;
            self.go_on(viewer.me.id, room).await?;
        }
        Ok(())
    }

    async fn subscribe_all(
        &self,
        viewer: &Viewer,
        resume: Resume,
    ) -> Result<(Welcome, Vec<(Missed, Means)>), Error> {
        let app = &self.app;
        let me: &Me = &viewer.me;
        let mut joined = Vec::with_capacity(resume.rooms.len());
        for Listed { id, mut summary, admission } in resume.rooms {
            let Some((room, admission)) = app.hub.room(id).zip(admission) else { continue };
            // Events after the list was read arrive live, so the head is that of the subscription.
            if let Some(head) = app.subscribe(viewer, &room, admission).await? {
                summary.head = head;
                joined.push((room, summary));
            }
        }
        let log = resume.log.as_deref();
        let missed = joined.iter().filter_map(|(room, summary)| {
            let &cursor = resume.cursors.get(&summary.name)?;
            let means = if room.is_earlier(cursor) {
                Means::EarlierRoom
            } else if app.store.may_resume(log, room.id, cursor) {
                Means::Event
            } else {
                Means::Nothing
            };
            Some((Missed { room: room.reference(), cursor, head: summary.head }, means))
        });
        let missed = missed.collect();
        let welcome = Welcome {
            protocol: PROTOCOL,
            user: me.clone(),
            token: resume.token,
            server: Server {
                name: app.config.server_name.clone(),
                version: env!("CARGO_PKG_VERSION").to_owned(),
                default_room: DEFAULT_ROOM.to_owned(),
                log: app.store.log().to_owned(),
                features: FEATURES.map(str::to_owned).into(),
            },
            limits: Limits { file_bytes: app.config.file_bytes, ..Limits::default() },
            rooms: joined.into_iter().map(|(_, summary)| summary).collect(),
        };
        Ok((welcome, missed))
    }

    /// Sends the events after the cursor, or a reset if there are too many or the cursor is not valid. If the cursor
    /// belongs to an earlier room with this name, a reset to 0 comes first, so that the client drops what it holds.
    async fn go_on(&mut self, user: UserId, (missed, means): (Missed, Means)) -> Result<(), Farewell> {
        if means == Means::Event && missed.cursor <= missed.head && missed.head.0 - missed.cursor.0 <= REPLAY
        {
            return self.catch_up(user, missed).await;
        }
        if means == Means::EarlierRoom {
            let nothing = Signal::Reset { room: missed.room.name.clone(), head: Seq::ZERO };
            self.queue.push_reply(wire::text(&ServerFrame::Signal(nothing)));
        }
        let reset = Signal::Reset { room: missed.room.name, head: missed.head };
        self.queue.push_reply(wire::text(&ServerFrame::Signal(reset)));
        Ok(())
    }
}

/// A session that is registered in the hub. It is removed if its hello fails or is cancelled.
struct Registered {
    app: Arc<App>,
    viewer: Option<Arc<Viewer>>,
}

impl Registered {
    /// Keeps the session, which removes itself at its end.
    fn keep(mut self) {
        self.viewer = None;
    }
}

impl Drop for Registered {
    fn drop(&mut self) {
        if let Some(viewer) = self.viewer.take() {
            viewer.unsubscribe_all();
            self.app.hub.leave(&viewer);
        }
    }
}
