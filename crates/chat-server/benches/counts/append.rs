//! Appends to the log through the whole store. Its writer commits one batch to its own folder.
//!
//! The writer reads the clock right before a transaction and publishes right after the commit. The store is given
//! both functions, so the marks are in them and the store itself does not know about them.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};

use anyhow::{anyhow, ensure};
use chat_proto::room::RoomKind;
use chat_proto::user::{Role, User};
use chat_proto::{MessageText, Nonce, Seq, UserName};
use chat_server::clock::Clock;
use chat_server::error::Error;
use chat_server::id::RoomId;
use chat_server::receipt::Receipt;
use chat_server::store::tables::events::DraftWhat;
use chat_server::store::tables::{members, rooms, users};
use chat_server::store::{self, Admission, Draft, RoomRow, Store, Tx, rows};

use tokio_util::sync::CancellationToken;

use crate::cases::{NOW, TEXT};
use crate::marks;
use crate::sockets::Sockets;

const AUTHORS: usize = 10;
const ROOMS: usize = 5;
const MESSAGES: usize = 100;

type Commit = store::Commit<Receipt>;

/// The store, the authors, and where they write.
struct Scene {
    store: Arc<Store<Receipt>>,
    commits: Receiver<Commit>,
    counting: Arc<AtomicBool>,
    authors: Vec<User>,
    rooms: Vec<RoomId>,
    sockets: Sockets,
}

/// Commits 100 messages by 10 authors in 5 rooms at once.
pub(crate) async fn append() -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let scene = Scene::set(folder.path()).await?;
    scene.batch("first", false).await?;
    scene.batch("second", true).await?;
    scene.store.close().await;
    Ok(())
}

impl Scene {
    async fn set(folder: &std::path::Path) -> anyhow::Result<Self> {
        let counting = Arc::new(AtomicBool::new(false));
        let (deliver, commits) = channel();
        let (counts_from, counts_to) = (counting.clone(), counting.clone());
        let wall = move || {
            if counts_from.load(Ordering::SeqCst) {
                marks::begin();
            }
            NOW.0
        };
        let clock = Clock::with_steady(wall, || 0);
        let deliver = Box::new(move |commit: Commit| {
            // Acts that append nothing wait for their answer.
            if commit.written.is_empty() {
                return commit.answer();
            }
            if counts_to.swap(false, Ordering::SeqCst) {
                marks::end();
            }
            let _ = deliver.send(commit);
        });
        let store = Arc::new(Store::open(folder, clock, Arc::default(), deliver, CancellationToken::new())?);
        let (authors, rooms) = store.perform(people).await.map_err(|e| anyhow!("{e:?}"))?;
        let sockets = Sockets::open(AUTHORS).await?;
        Ok(Self { store, commits, counting, authors, rooms, sockets })
    }

    /// Makes the writer commit 100 messages at once, by keeping it busy until all of them are queued.
    async fn batch(&self, name: &str, counted: bool) -> anyhow::Result<()> {
        let (busy, is_busy) = channel();
        let (go_on, may_go_on) = channel();
        let store = self.store.clone();
        let gate =
            tokio::spawn(async move { store.perform(move |_: &mut Tx<'_>| gate(&busy, &may_go_on)).await });
        tokio::task::yield_now().await;
        is_busy.recv()?;
        for n in 0..MESSAGES {
            let author = n % AUTHORS;
            let receipt = Receipt::new(&self.sockets.queues[author], None, "room".to_owned());
            self.store.append(self.draft(n, author, name)?, receipt).await.map_err(|e| anyhow!("{e:?}"))?;
        }
        self.counting.store(counted, Ordering::SeqCst);
        go_on.send(())?;
        // Blocks this thread, so that it does nothing that would be counted.
        let commit = self.commits.recv()?;
        let stored = commit.written.iter().filter(|one| one.outcome.is_ok()).count();
        ensure!(stored == MESSAGES, "{stored} of {MESSAGES} were stored in one commit");
        gate.await?.map_err(|e| anyhow!("{e:?}"))
    }

    fn draft(&self, n: usize, author: usize, batch: &str) -> anyhow::Result<Draft> {
        let refused = |refusal| anyhow!("{refusal}");
        let what = DraftWhat::Message {
            text: MessageText::parse(TEXT).map_err(refused)?,
            nonce: Nonce::parse(&format!("{batch}-{n:04}")).map_err(refused)?,
            reply_to: None,
            mentions: Vec::new(),
            files: Vec::new(),
        };
        Ok(Draft { room: self.rooms[n / AUTHORS % ROOMS], by: self.authors[author].clone(), what })
    }
}

/// Returns a room with members, and an admission of each.
pub(crate) async fn admitted(members: usize) -> anyhow::Result<(RoomRow, Vec<(User, Admission)>)> {
    let folder = tempfile::tempdir()?;
    let clock = Clock::new(|| NOW.0);
    let publish = Box::new(Commit::answer);
    let store: Store<Receipt> =
        Store::open(folder.path(), clock, Arc::default(), publish, CancellationToken::new())?;
    let make = move |tx: &mut Tx<'_>| {
        let now = tx.time();
        let (id, _) = rooms::insert(tx.conn(), "lobby", RoomKind::Public, "", None, NOW)?;
        let mut admitted = Vec::new();
        for n in 0..members {
            let name = UserName::parse(&format!("user{n}"))?;
            let user = rows::named(&users::create_guest(tx.conn(), &name, now, |_| false)?);
            members::insert(tx.conn_changing_rights(), user.id, id, Role::Member, Seq::ZERO, NOW)?;
            let admission = tx.admission(user.id, id)?;
            admitted.extend(admission.map(|admission| (user, admission)));
        }
        let (name, topic) = ("lobby".to_owned(), String::new());
        Ok((
            RoomRow {
                id,
                name,
                kind: RoomKind::Public,
                topic,
                head: Seq::ZERO,
                start: Seq::ZERO,
                seen_by: Vec::new(),
            },
            admitted,
        ))
    };
    let made = store.perform(make).await.map_err(|e| anyhow!("{e:?}"))?;
    store.close().await;
    Ok(made)
}

/// Holds the writer until it may continue.
fn gate(busy: &Sender<()>, may_go_on: &Receiver<()>) -> Result<(), Error> {
    // If the other end is gone, the case has already failed.
    let _ = busy.send(());
    let _ = may_go_on.recv();
    Ok(())
}

/// Creates the authors, and rooms that all of them are in.
fn people(tx: &mut Tx<'_>) -> Result<(Vec<User>, Vec<RoomId>), Error> {
    let now = tx.time();
    let conn = tx.conn_changing_rights();
    let author = |n: usize, conn: &mut store::Conn| {
        let guest = users::create_guest(conn, &UserName::parse(&format!("author{n}"))?, now, |_| false)?;
        Ok::<_, Error>(rows::named(&guest))
    };
    let authors = (0..AUTHORS).map(|n| author(n, conn)).collect::<Result<Vec<_>, _>>()?;
    let mut made = Vec::new();
    for n in 0..ROOMS {
        let (room, _) = rooms::insert(conn, &format!("room{n}"), RoomKind::Public, "", None, NOW)?;
        for author in &authors {
            members::insert(conn, author.id, room, Role::Member, Seq::ZERO, NOW)?;
        }
        made.push(room);
    }
    Ok((authors, made))
}
