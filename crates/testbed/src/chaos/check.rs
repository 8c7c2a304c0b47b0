//! The checks: compares a server that has just started with the ledger.

use std::collections::{HashMap, HashSet};
use std::net::SocketAddr;

use serde_json::Value;

use super::ledger::{Fingerprint, Known, Ledger, Register, State};
use super::load::{self, ROOMS};
use crate::chance::Chance;
use crate::client::{Client, http};

/// The number at which the server stops counting unread messages.
const UNREAD: usize = chat_proto::limits::UNREAD as usize;

impl Ledger {
    /// Compares a server that has just started with everything that is known.
    pub async fn check(&self, address: SocketAddr, chance: &mut Chance) {
        let mut logs: HashMap<String, Vec<Value>> = HashMap::new();
        let users: Vec<String> = (0..super::CLIENTS).map(load::name).collect();
        for (n, user) in users.iter().enumerate() {
            let Some(token) = self.token(user) else { continue };
            let client = Client::connect_if_welcome(address, &token).await;
            self.count("a login is still good", client.is_some(), || user.clone());
            let Some(mut client) = client else {
                // Otherwise everything after it would be reported as well.
                self.known().tokens.remove(user);
                continue;
            };
            let views = client.welcome["rooms"].as_array().cloned().unwrap_or_default();
            for (room, _) in ROOMS {
                let view = views.iter().find(|view| view["name"] == room);
                let key = (user.clone(), room.to_owned());
                {
                    let mut known = self.known();
                    if let Some(register) = known.members.get_mut(&key) {
                        let is_right = register.settle(view.is_some());
                        known
                            .count("a membership is as it was acknowledged", is_right, || format!("{key:?}"));
                    }
                }
                let Some(view) = view else { continue };
                if !logs.contains_key(room) && (n == 0 || room != "secret") {
                    let log = client.log(room, view["head"].as_u64().unwrap_or_default()).await;
                    let log = log.unwrap_or_default();
                    self.check_log(room, &log);
                    logs.insert(room.to_owned(), log);
                }
                if let Some(log) = logs.get(room) {
                    self.check_view(user, room, view, log);
                }
            }
        }
        self.check_nonces(&logs);
        self.check_files(address, chance).await;
        self.check_passwords(address, chance).await;
    }

    /// Checks the log of a room: without gaps, unchanged, with everything that was acknowledged and nothing else.
    fn check_log(&self, room: &str, log: &[Value]) {
        let mut known = self.known();
        let known = &mut *known;
        let head = log.last().and_then(|event| event["seq"].as_u64()).unwrap_or_default();
        let by_seq: HashMap<u64, &Value> =
            log.iter().filter_map(|event| Some((event["seq"].as_u64()?, event))).collect();
        // Only messages can be read further back.
        let whole_from = head.saturating_sub(899);
        let is_dense = (whole_from.max(1)..=head).all(|seq| by_seq.contains_key(&seq));
        known.count("a log is dense", is_dense && by_seq.len() == log.len(), || room.to_owned());
        let before = known.logs.insert(room.to_owned(), head).unwrap_or_default();
        known.count("a log never gets shorter", head >= before, || format!("{room}: {before}, now {head}"));
        let at = |seq: u64| by_seq.get(&seq).copied();
        let is_read = |seq: u64, kind: &str| kind == "message" || seq >= whole_from;
        let seen: Vec<(u64, Fingerprint)> = known
            .seen
            .iter()
            .filter(|((r, seq), print)| r == room && is_read(*seq, &print.0))
            .map(|((_, seq), print)| (*seq, print.clone()))
            .collect();
        for (seq, print) in seen {
            let is_there = at(seq).is_some_and(|event| {
                event["type"] == print.0.as_str() && event["by"]["id"] == print.1 && event["at"] == print.2
            });
            known.count("what anyone saw is in the log", is_there, || format!("{room} {seq} {print:?}"));
        }
        let sent: Vec<(String, u64, Value)> = known
            .sent
            .iter()
            .filter(|(nonce, _)| known.by_nonce.get(*nonce).is_some_and(|attempt| attempt.room == room))
            .map(|(nonce, (seq, at))| (nonce.clone(), *seq, at.clone()))
            .collect();
        for (nonce, seq, when) in sent {
            let is_there = at(seq).is_some_and(|event| {
                event["type"] == "message" && event["at"] == when && event["nonce"] == nonce.as_str()
            });
            known
                .count("an acknowledged message is at its seq", is_there, || format!("{room} {seq} {nonce}"));
        }
        let changes: Vec<(u64, &str)> = known
            .changes
            .iter()
            .filter(|((r, seq), kind)| r == room && is_read(*seq, kind))
            .map(|((_, seq), kind)| (*seq, *kind))
            .collect();
        for (seq, kind) in changes {
            let is_there = at(seq).is_some_and(|event| event["type"] == kind);
            known.count("an acknowledged change is at its seq", is_there, || format!("{room} {seq} {kind}"));
        }
        for event in log {
            known.saw(event);
            if event["type"] == "message" {
                Self::check_message(known, room, event);
            }
        }
    }

    fn check_message(known: &mut Known, room: &str, event: &Value) {
        let (seq, nonce) =
            (event["seq"].as_u64().unwrap_or_default(), event["nonce"].as_str().unwrap_or_default());
        let attempt = known.by_nonce.get(nonce).filter(|attempt| attempt.room == room).cloned();
        known.count("nothing is in the log that nobody sent", attempt.is_some(), || format!("{event}"));
        let Some(attempt) = attempt else { return };
        let place = (room.to_owned(), seq);
        let found = if event["deleted"] == true {
            State::Deleted
        } else {
            State::Says(event["text"].as_str().unwrap_or_default().to_owned())
        };
        let first = Register { settled: State::Says(attempt.text), maybe: None };
        let register = known.states.entry(place.clone()).or_insert(first);
        let expected = format!("{register:?}");
        let is_right = register.settle(found.clone());
        known.count("a message stands as it was left", is_right, || {
            format!("{place:?} {found:?}, expected {expected}")
        });
        let mut wrong = Vec::new();
        let mut tried = 0;
        for ((_, emoji, user), register) in known.reactions.iter_mut().filter(|((p, ..), _)| *p == place) {
            let is_on = event["reactions"].as_array().into_iter().flatten().any(|reaction| {
                reaction["emoji"] == emoji.as_str()
                    && reaction["users"].as_array().into_iter().flatten().any(|by| by == user.as_str())
            });
            tried += 1;
            // A deletion also deletes the reactions.
            if !register.settle(is_on) && found != State::Deleted {
                wrong.push(format!("{place:?} {emoji} {user}: {is_on}"));
            }
        }
        for n in 0..tried {
            known.count("a reaction is as it was left", n >= wrong.len(), || wrong[n].clone());
        }
    }

    /// Checks a room as one user sees it: the counts follow from the log.
    fn check_view(&self, user: &str, room: &str, view: &Value, log: &[Value]) {
        let mut known = self.known();
        let id = known.tokens.get(user).map_or(0, |(_, id)| *id);
        let read = view["read"].as_u64().unwrap_or_default();
        if let Some(register) = known.reads.get_mut(&(user.to_owned(), room.to_owned())) {
            let expected = format!("{register:?}");
            let is_right = register.settle(read);
            known.count("a read mark is as it was set", is_right, || {
                format!("{user} {room} {read}, expected {expected}")
            });
        }
        let others = |event: &&Value| {
            event["seq"].as_u64() > Some(read)
                && event["type"] == "message"
                && event["deleted"] != true
                && event["by"]["id"] != id
        };
        let unread = log.iter().filter(others).count().min(UNREAD);
        known.count("the unread count is the log's", view["unread"] == unread as u64, || {
            format!("{user} {room}: {unread}, told {}", view["unread"])
        });
        let names_me = |event: &&Value| {
            event["mentions"].as_array().is_some_and(|names| names.iter().any(|n| n == user))
        };
        let mentions = log.iter().filter(others).filter(names_me).count().min(UNREAD);
        known.count("the mention count is the log's", view["mentions"] == mentions as u64, || {
            format!("{user} {room}: {mentions}, told {}", view["mentions"])
        });
        let head = log.last().map_or(0, |event| event["seq"].as_u64().unwrap_or_default());
        known.count("the head is the log's", view["head"] == head, || {
            format!("{user} {room}: {head}, told {}", view["head"])
        });
    }

    fn check_nonces(&self, logs: &HashMap<String, Vec<Value>>) {
        let mut found = HashSet::new();
        for event in logs.values().flatten().filter(|event| event["type"] == "message") {
            let key = (event["by"]["id"].as_i64(), event["nonce"].as_str());
            self.count("a nonce is stored at most once", found.insert(key), || format!("{event}"));
        }
    }

    /// Checks every new file, and some of the others.
    async fn check_files(&self, address: SocketAddr, chance: &mut Chance) {
        let mut ids = std::mem::take(&mut self.known().unchecked_files);
        {
            let known = self.known();
            let mut all: Vec<&String> = known.files.keys().collect();
            all.sort_unstable();
            ids.extend((0..all.len().min(3)).map(|_| (*chance.of(&all)).clone()));
        }
        for id in ids {
            let Some((user, url, content)) = self.known().files.get(&id).cloned() else { continue };
            let Some(token) = self.token(&user) else { continue };
            if self.file_may_be_gone(&id) {
                continue;
            }
            let head = format!("GET {url} HTTP/1.1\r\nAuthorization: Bearer {token}\r\n");
            let answer = http(address, &head, b"").await;
            let is_whole = answer.as_ref().is_some_and(|(status, body)| *status == 200 && *body == content);
            self.count("an uploaded file is whole", is_whole, || {
                format!("{url}: {:?}", answer.map(|(status, body)| (status, body.len())))
            });
        }
    }

    /// Whether a message with this file was deleted, or may have been.
    fn file_may_be_gone(&self, id: &str) -> bool {
        let known = self.known();
        known.by_nonce.values().filter(|attempt| attempt.files.iter().any(|file| file == id)).any(|attempt| {
            let Some((seq, _)) = known.sent.get(&attempt.nonce) else { return false };
            known.states.get(&(attempt.room.clone(), *seq)).is_some_and(|register| {
                register.settled == State::Deleted || register.maybe == Some(State::Deleted)
            })
        })
    }

    async fn check_passwords(&self, address: SocketAddr, chance: &mut Chance) {
        let names: Vec<String> = {
            let mut known = self.known();
            let mut names = std::mem::take(&mut known.passwords);
            names.truncate(3);
            let registered: Vec<String> = known.tokens.keys().cloned().collect();
            if !registered.is_empty() && chance.below(4) == 0 {
                names.push(registered.iter().min().cloned().unwrap_or_default());
            }
            names
        };
        for name in names {
            let token = load::login(address, &name).await;
            self.count("who registered can log in", token.is_some(), || name.clone());
        }
    }
}
