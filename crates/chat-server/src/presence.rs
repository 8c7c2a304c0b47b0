//! Who is online in a room, and what changed since the room was last notified.

use std::collections::HashMap;

use chat_proto::limits::ONLINE_NAMES;
use chat_proto::user::User;
use chat_proto::{Signal, UserId};

/// The users online in one room. A user is online while at least one of their sessions is subscribed.
#[derive(Debug, Default)]
pub(crate) struct Presence {
    online: HashMap<UserId, (User, usize)>,
    /// For each user who came or left: whether they were online when the room was last notified.
    told: HashMap<UserId, (User, bool)>,
}

impl Presence {
    /// Notes that a session of `user` has subscribed.
    pub(crate) fn enter(&mut self, user: &User) {
        let (_, sessions) = self.online.entry(user.id).or_insert_with(|| (user.clone(), 0));
        *sessions += 1;
        if *sessions == 1 {
            self.told.entry(user.id).or_insert_with(|| (user.clone(), false));
        }
    }

    /// Notes that a session of this user has unsubscribed.
    pub(crate) fn leave(&mut self, user: UserId) {
        let Some((_, sessions)) = self.online.get_mut(&user) else { return };
        *sessions -= 1;
        if *sessions == 0
            && let Some((user, _)) = self.online.remove(&user)
        {
            self.told.entry(user.id).or_insert((user, true));
        }
    }

    /// Whether this user is online here.
    #[must_use]
    pub(crate) fn has(&self, user: UserId) -> bool {
        self.online.contains_key(&user)
    }

    /// Whether anyone came or left since the room was last notified.
    #[must_use]
    pub(crate) fn has_changed(&self) -> bool {
        !self.told.is_empty()
    }

    /// Returns how many users are online, and who, if they are few enough to be named.
    #[must_use]
    pub(crate) fn online(&self) -> (Option<Vec<User>>, usize) {
        let count = self.online.len();
        let names = (count <= ONLINE_NAMES).then(|| {
            let mut users: Vec<User> = self.online.values().map(|(user, _)| user.clone()).collect();
            users.sort_by(|a, b| a.name.cmp(&b.name));
            users
        });
        (names, count)
    }

    /// Returns the changes to notify the room of, if any. Users who came and left in between are not included.
    pub(crate) fn take_change(&mut self, room: &str) -> Option<Signal> {
        let told = std::mem::take(&mut self.told);
        let (mut online, mut offline) = (Vec::new(), Vec::new());
        for (id, (user, was_online)) in told {
            match (was_online, self.has(id)) {
                (false, true) => online.push(user),
                (true, false) => offline.push(user),
                _ => {}
            }
        }
        if online.is_empty() && offline.is_empty() {
            return None;
        }
        let online_count = self.online.len();
        if online_count > ONLINE_NAMES {
            (online, offline) = (Vec::new(), Vec::new());
        }
        Some(Signal::Presence { room: room.to_owned(), online, offline, online_count })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn user(id: i64) -> User {
        User { id: UserId(id), name: format!("user{id}") }
    }

    #[test]
    fn tells_each_change_once_and_no_flicker() {
        let mut presence = Presence::default();
        presence.enter(&user(1));
        presence.enter(&user(1));
        presence.enter(&user(2));
        presence.leave(UserId(2));
        let told = presence.take_change("r").unwrap();
        assert_eq!(
            told,
            Signal::Presence { room: "r".into(), online: vec![user(1)], offline: vec![], online_count: 1 }
        );
        assert_eq!(presence.take_change("r"), None);
        presence.leave(UserId(1));
        assert_eq!(presence.take_change("r"), None, "one of two sessions is left");
        presence.leave(UserId(1));
        presence.leave(UserId(1));
        let told = presence.take_change("r").unwrap();
        assert_eq!(
            told,
            Signal::Presence { room: "r".into(), online: vec![], offline: vec![user(1)], online_count: 0 }
        );
    }

    #[test]
    fn a_crowd_is_only_counted() {
        let mut presence = Presence::default();
        for id in 0..1001 {
            presence.enter(&user(id));
        }
        assert_eq!(presence.online(), (None, 1001));
        assert_eq!(
            presence.take_change("r"),
            Some(Signal::Presence { room: "r".into(), online: vec![], offline: vec![], online_count: 1001 })
        );
    }
}
