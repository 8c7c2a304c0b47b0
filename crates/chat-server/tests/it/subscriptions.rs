//! What subscribes a session: an admission that the store made for this room and user, from a read that is not older
//! than the last change of the user's permissions; and a session that has not ended.

use std::sync::Arc;

use chat_proto::command::Format;
use chat_proto::event::Change;
use chat_proto::room::RoomKind;
use chat_proto::user::{Me, Role};
use chat_proto::{Seq, Topic, UserId, UserName};
use chat_server::acts::create::Create;
use chat_server::acts::leave::Leave;
use chat_server::acts::membership;
use chat_server::acts::moderate::{Action, Moderate};
use chat_server::acts::quota::Quota;
use chat_server::clock::Clock;
use chat_server::hub::Hub;
use chat_server::id::RoomId;
use chat_server::metrics::Metrics;
use chat_server::rate::Rates;
use chat_server::receipt::Receipt;
use chat_server::room::Room;
use chat_server::secret::TokenHash;
use chat_server::send_queue::SendQueue;
use chat_server::store::consequence::Sight;
use chat_server::store::tables::{members, users};
use chat_server::store::{Admission, Consequence, RoomRef, Store, Tx, rows};
use chat_server::viewer::Viewer;
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;

fn unlimited() -> Quota {
    Quota { rates: Arc::new(Rates::new(false, Clock::default())), address: [127, 0, 0, 1].into() }
}

/// A store with a hub, and an owner and a member of a room.
struct Scene {
    store: Store<Receipt>,
    hub: Arc<Hub>,
    room: Arc<Room>,
    owner: Me,
    bob: Me,
    _dir: tempfile::TempDir,
}

impl Scene {
    async fn set() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let hub = Arc::new(Hub::default());
        let publish = {
            let (hub, metrics) = (hub.clone(), Metrics::default());
            Box::new(move |commit| hub.publish(commit, &metrics))
        };
        let store =
            Store::open(dir.path(), Clock::default(), Arc::default(), publish, CancellationToken::new())
                .unwrap();
        let people = |tx: &mut Tx<'_>| {
            let now = tx.time();
            let mut guest =
                |name: &str| users::create_guest(tx.conn(), &UserName::parse(name)?, now, |_| false);
            Ok((guest("olga")?, guest("bob")?))
        };
        let (owner, bob) = store.perform(people).await.unwrap();
        let create = Create {
            by: rows::named(&owner),
            name: chat_proto::RoomName::parse("den").unwrap(),
            kind: RoomKind::Private,
            topic: Topic::parse("").unwrap(),
            quota: unlimited(),
        };
        let (id, ..) = store.perform(create).await.unwrap();
        let room = hub.room(id).unwrap();
        let user = bob.id;
        let add = move |tx: &mut Tx<'_>| {
            let now = tx.now();
            Ok(members::insert(tx.conn_changing_rights(), user, id, Role::Member, Seq::ZERO, now)?)
        };
        store.perform(add).await.unwrap();
        Self { store, hub, room, owner, bob, _dir: dir }
    }

    async fn admission(&self) -> Admission {
        let (user, room) = (self.bob.id, self.room.id);
        self.store.perform(move |tx: &mut Tx<'_>| tx.admission(user, room)).await.unwrap().unwrap()
    }

    /// Creates a session of this user.
    async fn session(&self, me: &Me) -> Viewer {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let stream = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        let queue = Arc::new(SendQueue::new(stream.into_split().1));
        let login = TokenHash::of(&chat_proto::Token::new("t".to_owned()));
        let session = self.hub.next_session();
        Viewer::new(me.clone(), login, session, (queue, Format::Text), [127, 0, 0, 1].into())
    }

    async fn change(&self, change: Change) {
        let (by, user, room) = (rows::named(&self.owner), rows::named(&self.bob), self.room.id);
        let tell = move |tx: &mut Tx<'_>| tx.append(membership::event(room, &by, &user, change));
        self.store.perform(tell).await.unwrap();
    }

    async fn leave(&self, room: RoomId) {
        let user = self.bob.id;
        let leave = move |tx: &mut Tx<'_>| {
            tx.then(Consequence::Left { room, user });
            Ok(())
        };
        self.store.perform(leave).await.unwrap();
    }
}

#[tokio::test]
async fn an_admission_older_than_a_change_of_permissions_is_rejected() {
    let scene = Scene::set().await;
    for change in [Change::Kicked, Change::Banned, Change::Left, Change::Muted, Change::Unmuted] {
        let before = scene.admission().await;
        scene.change(change).await;
        let bob = scene.session(&scene.bob).await;
        assert_eq!(bob.subscribe(&scene.room, &before), None, "{change:?}");
        let after = scene.admission().await;
        assert!(bob.subscribe(&scene.room, &after).is_some(), "{change:?}");
        bob.unsubscribe_all();
    }
    // Leaving a public room has no event.
    let before = scene.admission().await;
    scene.leave(scene.room.id).await;
    assert_eq!(scene.session(&scene.bob).await.subscribe(&scene.room, &before), None);
}

/// As when a user leaves a direct room, and the other user's message in the same commit makes them a member again.
#[tokio::test]
async fn a_removal_leaves_a_session_that_rests_on_a_newer_admission() {
    let scene = Scene::set().await;
    let (older, newer) = (scene.admission().await, scene.admission().await);
    assert!(older.as_of() < newer.as_of());
    let bob = scene.session(&scene.bob).await;
    assert!(bob.subscribe(&scene.room, &older).is_some());
    assert!(bob.subscribe(&scene.room, &newer).is_some());
    scene.room.remove(scene.bob.id, newer.as_of());
    assert!(scene.room.subscription(bob.session).is_some());
    let later = scene.admission().await;
    scene.room.remove(scene.bob.id, later.as_of());
    assert!(scene.room.subscription(bob.session).is_none());
}

#[tokio::test]
async fn an_admission_is_for_one_user_and_one_room() {
    let scene = Scene::set().await;
    let admission = scene.admission().await;
    let olga = scene.session(&scene.owner).await;
    assert_eq!(olga.subscribe(&scene.room, &admission), None);
    let other = Create {
        by: rows::named(&scene.owner),
        name: chat_proto::RoomName::parse("other").unwrap(),
        kind: RoomKind::Public,
        topic: Topic::parse("").unwrap(),
        quota: unlimited(),
    };
    let (id, ..) = scene.store.perform(other).await.unwrap();
    let bob = scene.session(&scene.bob).await;
    assert_eq!(bob.subscribe(&scene.hub.room(id).unwrap(), &admission), None);
    assert!(bob.subscribe(&scene.room, &admission).is_some());
}

#[tokio::test]
async fn a_session_that_has_ended_is_subscribed_to_nothing() {
    let scene = Scene::set().await;
    let admission = scene.admission().await;
    let bob = scene.session(&scene.bob).await;
    assert!(bob.subscribe(&scene.room, &admission).is_some());
    bob.unsubscribe_all();
    assert_eq!(bob.subscribe(&scene.room, &admission), None);
    assert_eq!(scene.room.subscription(bob.session), None);
    assert!(!scene.room.is_online(scene.bob.id), "nobody's ghost is there");
}

/// However many other changes there are in between: a forgotten change rejects an old admission.
#[tokio::test]
async fn many_changes_do_not_make_an_old_admission_good() {
    let scene = Scene::set().await;
    let before = scene.admission().await;
    scene.change(Change::Kicked).await;
    let room = scene.room.id;
    let crowd = move |tx: &mut Tx<'_>| {
        for user in (1000..4000).map(UserId) {
            tx.then(Consequence::Left { room, user });
        }
        Ok(())
    };
    scene.store.perform(crowd).await.unwrap();
    let bob = scene.session(&scene.bob).await;
    assert_eq!(bob.subscribe(&scene.room, &before), None);
    assert!(bob.subscribe(&scene.room, &scene.admission().await).is_some());
}

/// In one batch the events are applied before the consequences, whose acts may be older.
#[tokio::test]
async fn an_older_act_does_not_move_a_mark_back() {
    let scene = Scene::set().await;
    let (by, user, room) = (rows::named(&scene.owner), rows::named(&scene.bob), scene.room.id);
    let id = user.id;
    let leave = move |tx: &mut Tx<'_>| {
        tx.then(Consequence::Left { room, user: id });
        Ok(())
    };
    let look = move |tx: &mut Tx<'_>| tx.admission(id, room);
    let kick = move |tx: &mut Tx<'_>| tx.append(membership::event(room, &by, &user, Change::Kicked));
    // The writer decides whether they are in one batch. The order is the same in any case.
    let (left, admission, kicked) =
        tokio::join!(scene.store.perform(leave), scene.store.perform(look), scene.store.perform(kick));
    left.unwrap();
    kicked.unwrap();
    let bob = scene.session(&scene.bob).await;
    assert_eq!(bob.subscribe(&scene.room, &admission.unwrap().unwrap()), None);
}

/// After a kick the user may come back, even if they were just leaving.
#[tokio::test]
async fn leaving_after_a_kick_takes_no_invitation_away() {
    let scene = Scene::set().await;
    let room = RoomRef { id: scene.room.id, name: scene.room.name.clone(), kind: scene.room.kind };
    let kick = Moderate {
        action: Action::Kick,
        by: rows::named(&scene.owner),
        user: Some("bob".to_owned()),
        room: Some(room.clone()),
        term: Default::default(),
        networks: Vec::new(),
    };
    scene.store.perform(kick).await.unwrap();
    let leave = Leave { by: rows::named(&scene.bob), room, declines: false };
    assert!(scene.store.perform(leave).await.is_err());
    assert!(matches!(scene.room.sight_of(scene.bob.id), Sight::Invited(_)));
}
