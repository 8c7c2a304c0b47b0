//! What is counted. Each case runs once unmeasured and then measured, so that nothing is counted that a server does
//! only once in its life. The data is fixed, and the clock stands still.

use std::hint::black_box;
use std::sync::Arc;

use anyhow::{Context, anyhow, ensure};
use chat_proto::command::Format;
use chat_proto::event::{Event, Message, What};
use chat_proto::user::User;
use chat_proto::{ClientFrame, Millis, Seq, ServerFrame, UserId};
use chat_server::id::SessionId;
use chat_server::metrics::Metrics;
use chat_server::receipt::Receipt;
use chat_server::room::{Room, Written};
use chat_server::store::{Moment, Position};
use chat_server::wire;

use crate::sockets::Sockets;
use crate::{append, marks};

/// The text of every message: 128 bytes.
pub(crate) const TEXT: &str = "The quick brown fox jumps over the lazy dog, \"twice\"; then rests by the river \
                               until the moon is up & runs home at half past nine";

/// The time of everything, in milliseconds since 1970.
pub(crate) const NOW: Millis = Millis(1_700_000_000_000);

/// A case: one operation that is counted.
pub(crate) struct Case {
    /// The case's name in `counts.toml`.
    pub(crate) name: &'static str,
    run: fn() -> anyhow::Result<()>,
}

/// All cases.
pub(crate) const CASES: &[Case] = &[
    Case { name: "encode_100_messages", run: encode },
    Case { name: "decode_100_sends", run: decode },
    Case { name: "deliver_1_to_100", run: || in_runtime(deliver(1)) },
    Case { name: "deliver_64_to_100", run: || in_runtime(deliver(64)) },
    Case { name: "append_100", run: || in_runtime(append::append()) },
];

/// Runs one case.
pub(crate) fn run(name: &str) -> anyhow::Result<()> {
    ensure!(TEXT.len() == 128, "the text has {} bytes", TEXT.len());
    let case = CASES.iter().find(|case| case.name == name).with_context(|| format!("no case {name}"))?;
    (case.run)()
}

fn in_runtime<T>(case: impl Future<Output = anyhow::Result<T>>) -> anyhow::Result<T> {
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(case)
}

fn user(id: i64) -> User {
    User { id: UserId(id), name: format!("user{id}") }
}

fn message() -> What {
    let nonce = Some("0123456789abcdef".to_owned());
    What::Message(Message { text: TEXT.to_owned(), nonce, ..Message::default() })
}

fn encode() -> anyhow::Result<()> {
    let event = Event { room: "lobby".to_owned(), seq: Seq(1000), at: NOW, by: user(7), what: message() };
    let frame = ServerFrame::Event(event);
    let mut out = Vec::with_capacity(100 * 1024);
    wire::write_text(&frame, &mut out);
    marks::begin();
    for _ in 0..100 {
        wire::write_text(black_box(&frame), &mut out);
    }
    marks::end();
    black_box(out);
    Ok(())
}

fn decode() -> anyhow::Result<()> {
    let text = TEXT.replace('"', "\\\"");
    let json =
        format!(r#"{{"type":"send","id":7,"room":"lobby","nonce":"0123456789abcdef","text":"{text}"}}"#);
    ClientFrame::decode(&json).map_err(|bad| anyhow!("{:?}", bad.refusal))?;
    marks::begin();
    for _ in 0..100 {
        let _ = black_box(ClientFrame::decode(black_box(&json)));
    }
    marks::end();
    Ok(())
}

/// Delivers `messages` messages by one author at once to 100 subscribers, with the author's answers.
async fn deliver(messages: u64) -> anyhow::Result<()> {
    let sockets = Sockets::open(100).await?;
    // On its own thread, so that the database does not affect the heap that is measured.
    let members = sockets.queues.len();
    let admit = move || in_runtime(append::admitted(members));
    let (row, admitted) = std::thread::spawn(admit).join().map_err(|_| anyhow!("it panicked"))??;
    let id = row.id;
    let room = Arc::new(Room::new(row));
    for (n, ((user, admission), queue)) in (1..).zip(admitted.iter().zip(&sockets.queues)) {
        room.subscribe(SessionId(n), user, (queue, Format::Text), admission).context("not subscribed")?;
    }
    let (metrics, output) = (Metrics::default(), Arc::default());
    let written = |from: u64| -> Vec<Written> {
        let one = |seq| Written {
            room: id,
            outcome: Ok(Position { room: id, seq, at: NOW }),
            moment: Moment::default(),
            event: Some((user(1), message())),
            slot: Some(Receipt::new(&sockets.queues[0], Some(seq.0), "lobby".to_owned())),
        };
        (from..from + messages).map(Seq).map(one).collect()
    };
    room.deliver(written(1), &metrics, &output);
    let next = written(1 + messages);
    marks::begin();
    room.deliver(next, &metrics, &output);
    marks::end();
    ensure!(metrics.deliveries.get() == 2 * 100 * messages, "not everyone was sent everything");
    Ok(())
}
