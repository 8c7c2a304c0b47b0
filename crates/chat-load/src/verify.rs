//! Checks that every acknowledged message is in the log, once, at the seq of its acknowledgement.

use std::collections::HashMap;
use std::ops::Range;

use anyhow::{bail, ensure};
use serde::Deserialize;

use crate::load::{Load, nonce};

/// The number of messages on a page.
const PAGE: u64 = 200;

#[derive(Deserialize)]
struct Page {
    messages: Vec<Message>,
    more: bool,
}

#[derive(Deserialize)]
struct Message {
    seq: u64,
    #[serde(default)]
    nonce: Option<String>,
}

/// Reads every room's messages again, through a connection that is in it, and compares them with the acknowledged
/// ones, which are then forgotten.
pub(crate) fn verify(load: &mut Load) -> anyhow::Result<()> {
    verify_rooms(load, 0..load.rooms.len())
}

/// Like [`verify`], for some rooms.
pub(crate) fn verify_rooms(load: &mut Load, rooms: Range<usize>) -> anyhow::Result<()> {
    load.progress.about("looking for all that was acknowledged");
    for room in rooms {
        let acknowledged: HashMap<u64, u64> =
            std::mem::take(&mut load.rooms[room].acknowledged).into_iter().collect();
        let (Some(first), Some(last)) =
            (acknowledged.keys().min().copied(), acknowledged.keys().max().copied())
        else {
            continue;
        };
        let Some(place) = load.conns.iter().position(|conn| conn.room == room && conn.unanswered.is_empty())
        else {
            bail!("nobody is left in {}", load.rooms[room].name);
        };
        let name = load.rooms[room].name.clone();
        let (mut after, mut found) = (first - 1, 0);
        while after < last {
            let answer = load.ask(
                place,
                &format!(r#"{{"type":"history","id":3,"room":"{name}","after":{after},"limit":{PAGE}}}"#),
            )?;
            let page: Page = serde_json::from_slice(&answer)?;
            for message in &page.messages {
                ensure!(
                    message.seq > after,
                    "the history of {name} goes back from {after} to {}",
                    message.seq
                );
                after = message.seq;
                if let Some(&number) = acknowledged.get(&message.seq) {
                    let said = message.nonce.as_deref();
                    ensure!(
                        said == Some(&nonce(number)),
                        "seq {after} of {name} is {said:?}, not {}",
                        nonce(number)
                    );
                    found += 1;
                }
            }
            if !page.more {
                break;
            }
        }
        ensure!(
            found == acknowledged.len(),
            "{} of {} acknowledged messages of {name} are in its log",
            found,
            acknowledged.len()
        );
    }
    Ok(())
}
