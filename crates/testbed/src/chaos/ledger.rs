//! What a server promised, and whether it kept that. Everything acknowledged is certain. A request without an answer
//! may or may not have been carried out, once.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Mutex, MutexGuard};

use serde_json::Value;

use super::load;
use crate::chance::Chance;

/// A message that someone tries to send.
#[derive(Clone, Debug)]
pub(super) struct Attempt {
    pub(super) room: String,
    pub(super) user: String,
    pub(super) nonce: String,
    pub(super) text: String,
    pub(super) files: Vec<String>,
}

/// The state of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum State {
    Says(String),
    Deleted,
}

/// The certain value, and the possible others.
#[derive(Clone, Debug)]
pub(super) struct Register<T> {
    pub(super) settled: T,
    pub(super) maybe: Option<T>,
}

impl<T: PartialEq> Register<T> {
    fn answered(&mut self, is_done: bool) {
        if let Some(new) = self.maybe.take().filter(|_| is_done) {
            self.settled = new;
        }
    }

    /// Takes the value found as certain. Returns whether it was possible.
    pub(super) fn settle(&mut self, found: T) -> bool {
        let is_right = self.settled == found || self.maybe.as_ref() == Some(&found);
        *self = Self { settled: found, maybe: None };
        is_right
    }
}

/// How often each check was made and failed, and the first failures.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    /// For each check: how often it was made, and how often it failed.
    pub checks: BTreeMap<&'static str, (u64, u64)>,
    /// The first failures.
    pub violations: Vec<String>,
}

pub(super) type Place = (String, u64);

/// The parts of an event that never change.
pub(super) type Fingerprint = (String, i64, i64);

#[derive(Default)]
pub(super) struct Known {
    pub(super) context: String,
    pub(super) tally: Tally,
    pub(super) tokens: HashMap<String, (String, i64)>,
    pub(super) passwords: Vec<String>,
    pub(super) attempts: HashMap<String, Vec<Attempt>>,
    pub(super) by_nonce: HashMap<String, Attempt>,
    pub(super) sent: HashMap<String, (u64, Value)>,
    pub(super) places: HashMap<Place, String>,
    pub(super) changes: HashMap<Place, &'static str>,
    pub(super) states: HashMap<Place, Register<State>>,
    pub(super) reactions: HashMap<(Place, String, String), Register<bool>>,
    pub(super) members: HashMap<(String, String), Register<bool>>,
    pub(super) reads: HashMap<(String, String), Register<u64>>,
    pub(super) files: HashMap<String, (String, String, Vec<u8>)>,
    pub(super) unchecked_files: Vec<String>,
    pub(super) seen: HashMap<Place, Fingerprint>,
    pub(super) logs: HashMap<String, u64>,
}

impl Known {
    pub(super) fn count(&mut self, check: &'static str, is_right: bool, why: impl FnOnce() -> String) {
        let (tried, failed) = self.tally.checks.entry(check).or_default();
        *tried += 1;
        if !is_right {
            *failed += 1;
            if self.tally.violations.len() < 20 {
                self.tally.violations.push(format!("{}: {check}: {}", self.context, why()));
            }
        }
    }

    pub(super) fn saw(&mut self, event: &Value) {
        let (Some(room), Some(seq), Some(at)) =
            (event["room"].as_str(), event["seq"].as_u64(), event["at"].as_i64())
        else {
            return;
        };
        let (Some(kind), Some(by)) = (event["type"].as_str(), event["by"]["id"].as_i64()) else { return };
        let print = (kind.to_owned(), by, at);
        let known = self.seen.entry((room.to_owned(), seq)).or_insert_with(|| print.clone()).clone();
        self.count("all see the same event at a seq", known == print, || {
            format!("{room} {seq}: {known:?}, then {print:?}")
        });
    }
}

/// Everything that is known about a folder.
#[derive(Default)]
pub struct Ledger(Mutex<Known>);

impl Ledger {
    pub(super) fn known(&self) -> MutexGuard<'_, Known> {
        self.0.lock().unwrap()
    }

    /// Sets the context for failures from now on.
    pub(super) fn at(&self, context: &str) {
        context.clone_into(&mut self.known().context);
    }

    /// Counts the outcome of a check.
    pub(super) fn count(&self, check: &'static str, is_right: bool, why: impl FnOnce() -> String) {
        self.known().count(check, is_right, why);
    }

    /// Returns the checks so far.
    pub fn tally(&self) -> Tally {
        self.known().tally.clone()
    }

    /// Returns how many messages were acknowledged.
    pub fn acknowledged(&self) -> u64 {
        self.known().sent.len() as u64
    }

    pub(super) fn token(&self, name: &str) -> Option<String> {
        self.known().tokens.get(name).map(|(token, _)| token.clone())
    }

    pub(super) fn registering(&self, name: &str) {
        self.known().attempts.entry(name.to_owned()).or_default();
    }

    pub(super) fn registered(&self, name: &str, token: String, id: i64) {
        self.known().tokens.insert(name.to_owned(), (token, id));
    }

    pub(super) fn has_password(&self, name: &str) {
        self.known().passwords.push(name.to_owned());
    }

    pub(super) fn sending(&self, attempt: &Attempt) {
        let mut known = self.known();
        known.attempts.entry(attempt.user.clone()).or_default().push(attempt.clone());
        known.by_nonce.insert(attempt.nonce.clone(), attempt.clone());
    }

    pub(super) fn sent(&self, attempt: &Attempt, seq: u64, at: Value) {
        let mut known = self.known();
        let before = known.sent.insert(attempt.nonce.clone(), (seq, at.clone()));
        if let Some(before) = before {
            known.count("a message sent again has its old seq", before == (seq, at), || {
                format!("{attempt:?}: {before:?}, then {seq}")
            });
            return;
        }
        let place = (attempt.room.clone(), seq);
        let other = known.places.insert(place.clone(), attempt.nonce.clone());
        known.count("no seq is given out twice", other.as_ref().is_none_or(|o| *o == attempt.nonce), || {
            format!("{place:?} is {other:?} and {attempt:?}")
        });
        let state = Register { settled: State::Says(attempt.text.clone()), maybe: None };
        known.states.entry(place).or_insert(state);
    }

    /// Returns an acknowledged message of this user's, or of anybody's.
    pub(super) fn some_message(&self, user: &str, is_own: bool, chance: &mut Chance) -> Option<Place> {
        let known = self.known();
        let whose = if is_own { user.to_owned() } else { load::name(chance.below(4) as usize) };
        let attempts = known.attempts.get(&whose).filter(|attempts| !attempts.is_empty())?;
        let attempt = chance.of(attempts);
        let (seq, _) = known.sent.get(&attempt.nonce)?;
        Some((attempt.room.clone(), *seq))
    }

    pub(super) fn some_attempt(&self, user: &str, chance: &mut Chance) -> Option<Attempt> {
        let known = self.known();
        let attempts = known.attempts.get(user).filter(|attempts| !attempts.is_empty())?;
        Some(chance.of(attempts).clone())
    }

    pub(super) fn some_seq(&self, room: &str, chance: &mut Chance) -> Option<u64> {
        let known = self.known();
        let seqs: Vec<u64> = known.places.keys().filter(|(r, _)| r == room).map(|(_, seq)| *seq).collect();
        (!seqs.is_empty()).then(|| *chance.of(&seqs))
    }

    pub(super) fn changing(&self, room: &str, seq: u64, state: State) {
        if let Some(register) = self.known().states.get_mut(&(room.to_owned(), seq)) {
            register.maybe = Some(state);
        }
    }

    pub(super) fn changed(&self, room: &str, seq: u64, is_done: bool) {
        if let Some(register) = self.known().states.get_mut(&(room.to_owned(), seq)) {
            // Editing a deleted message is refused, and deleting it again changes nothing.
            register.answered(is_done && register.settled != State::Deleted);
        }
    }

    pub(super) fn change_at(&self, room: &str, seq: Option<u64>, kind: &'static str) {
        if let Some(seq) = seq {
            self.known().changes.insert((room.to_owned(), seq), kind);
        }
    }

    pub(super) fn reacting(&self, room: &str, seq: u64, emoji: &str, user: &str, puts: bool) {
        let key = ((room.to_owned(), seq), emoji.to_owned(), user.to_owned());
        let register = Register { settled: false, maybe: None };
        self.known().reactions.entry(key).or_insert(register).maybe = Some(puts);
    }

    pub(super) fn reacted(&self, room: &str, seq: u64, emoji: &str, user: &str, is_done: bool) {
        let key = ((room.to_owned(), seq), emoji.to_owned(), user.to_owned());
        if let Some(register) = self.known().reactions.get_mut(&key) {
            register.answered(is_done);
        }
    }

    pub(super) fn reading(&self, user: &str, room: &str, seq: u64) {
        let key = (user.to_owned(), room.to_owned());
        if let Some(register) = self.known().reads.get_mut(&key) {
            register.maybe = Some(seq);
        }
    }

    pub(super) fn read(&self, user: &str, room: &str, seq: u64) {
        let key = (user.to_owned(), room.to_owned());
        self.known().reads.insert(key, Register { settled: seq, maybe: None });
    }

    pub(super) fn joined(&self, user: &str, room: &str) {
        let key = (user.to_owned(), room.to_owned());
        self.known().members.insert(key, Register { settled: true, maybe: None });
    }

    pub(super) fn leaving(&self, user: &str, room: &str) {
        let key = (user.to_owned(), room.to_owned());
        let mut known = self.known();
        known.reads.remove(&key);
        let register = known.members.entry(key).or_insert(Register { settled: false, maybe: None });
        register.maybe = Some(!register.settled);
    }

    pub(super) fn left(&self, user: &str, room: &str) {
        let key = (user.to_owned(), room.to_owned());
        self.known().members.insert(key, Register { settled: false, maybe: None });
    }

    pub(super) fn uploaded(&self, user: &str, id: &str, url: &str, content: Vec<u8>) {
        let mut known = self.known();
        known.files.insert(id.to_owned(), (user.to_owned(), url.to_owned(), content));
        known.unchecked_files.push(id.to_owned());
    }

    pub(super) fn saw(&self, event: &Value) {
        self.known().saw(event);
    }
}
