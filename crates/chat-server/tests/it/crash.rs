//! Kills the server at every operation on the file system, without power, and on a full disk: the next start
//! succeeds, and everything acknowledged is there. `CHAT_ALL_POINTS=1` takes every operation instead of a sample.

use std::path::{Path, PathBuf};

use diesel::connection::SimpleConnection;
use diesel::migration::{Migration, MigrationSource};
use diesel::sqlite::Sqlite;
use diesel::{Connection, QueryableByName, RunQueryDsl, SqliteConnection};
use diesel_migrations::{FileBasedMigrations, MigrationHarness};
use serde_json::json;
use tempfile::TempDir;
use testbed::faults::{Fault, Faults, Kind, Loss};
use testbed::{Client, Process};

/// How many points of each case are tried, evenly spread.
const POINTS: u64 = 24;

fn binary() -> &'static Path {
    Path::new(env!("CARGO_BIN_EXE_chat-server"))
}

fn sample(all: u64) -> Vec<u64> {
    if std::env::var_os("CHAT_ALL_POINTS").is_some() || all <= POINTS {
        return (1..=all).collect();
    }
    (0..POINTS).map(|n| 1 + n * (all - 1) / (POINTS - 1)).collect()
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap().flatten() {
        let (kind, to) = (entry.file_type().unwrap(), to.join(entry.file_name()));
        if kind.is_dir() {
            copy(&entry.path(), &to);
        } else if kind.is_file() {
            std::fs::copy(entry.path(), to).unwrap();
        }
    }
}

fn open(data: &Path) -> SqliteConnection {
    SqliteConnection::establish(data.join("chat.db").to_str().unwrap()).unwrap()
}

async fn member(server: &Process, name: &str) -> Option<Client> {
    let mut client = Client::connect(server.address, json!({"name": name})).await?;
    client.ask(json!({"type": "join", "room": "general"})).await?;
    Some(client)
}

/// Starts a server whose syncs do nothing: the machine stays up, and the tests are faster.
fn start(data: &Path) -> Result<Process, String> {
    Process::start(binary(), data, Some(&Faults::new(data)))
}

/// Sends until the server dies or `count` messages are acknowledged. Returns the texts of those.
async fn send(client: &mut Client, prefix: &str, count: usize) -> Vec<String> {
    let mut acknowledged = Vec::new();
    for n in 0..count {
        let text = format!("{prefix}{n} {}", "text ".repeat(200)).trim().to_owned();
        let frame = json!({"type": "send", "room": "general", "nonce": format!("{prefix}{n}"), "text": text});
        let Some(reply) = client.ask(frame).await else { break };
        if reply["type"] != "ok" {
            break;
        }
        acknowledged.push(text);
    }
    acknowledged
}

/// A folder as a crash left it, and what was acknowledged in it.
struct Base {
    dir: TempDir,
    texts: Vec<String>,
}

impl Base {
    fn data(&self) -> PathBuf {
        self.dir.path().join("data")
    }

    fn nothing() -> Self {
        Self { dir: tempfile::tempdir().unwrap(), texts: Vec::new() }
    }

    /// Everything new is in the write-ahead log, which is larger than the database.
    async fn crashed() -> Self {
        let mut base = Self::nothing();
        let server = start(&base.data()).unwrap();
        base.texts = send(&mut member(&server, "alice").await.unwrap(), "base", 300).await;
        assert_eq!(base.texts.len(), 300);
        server.kill();
        let length = |name: &str| std::fs::metadata(base.data().join(name)).unwrap().len();
        assert!(length("chat.db-wal") > length("chat.db"));
        base
    }

    /// Like `crashed`, with a log so long that the next messages make a checkpoint.
    async fn full_log() -> Self {
        let base = Self::crashed().await;
        let mut conn = open(&base.data());
        conn.batch_execute(
            "PRAGMA wal_autocheckpoint = 0;
             WITH RECURSIVE n(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 3900)
             INSERT INTO meta (key, value) SELECT 'filler' || n, hex(zeroblob(1900)) FROM n;",
        )
        .unwrap();
        let moved = Self { dir: tempfile::tempdir().unwrap(), texts: base.texts.clone() };
        copy(&base.data(), &moved.data());
        moved
    }

    /// A database without the newest migration.
    fn old() -> Self {
        let base = Self::nothing();
        std::fs::create_dir(base.data()).unwrap();
        let migrations = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../migrations/sqlite");
        let source = FileBasedMigrations::from_path(migrations).unwrap();
        let mut all: Vec<Box<dyn Migration<Sqlite>>> = source.migrations().unwrap();
        all.sort_by_key(|migration| migration.name().version().as_owned());
        all.pop();
        let mut conn = open(&base.data());
        conn.batch_execute("PRAGMA application_id = 0x63686174; PRAGMA journal_mode = WAL;").unwrap();
        // This creates the table of migrations.
        assert!(conn.applied_migrations().unwrap().is_empty());
        conn.run_migrations(&all).unwrap();
        conn.batch_execute(
            "INSERT INTO meta VALUES ('log', '0123456789abcdef0123456789abcdef');
             INSERT INTO rooms (name, kind, topic, created_at) VALUES ('general', 'public', '', 1);
             INSERT INTO users (name, name_key, kind, role, created_at, seen_at) VALUES ('old', 'old', 'guest', 'guest', 1, 1);
             WITH RECURSIVE n(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 500)
             INSERT INTO events (room_id, seq, at, by_user, kind, text, nonce)
                 SELECT 1, n, n, 1, 'message', 'old' || n, 'nonce' || n FROM n;",
        )
        .unwrap();
        Self { texts: (1..=500).map(|n| format!("old{n}")).collect(), ..base }
    }
}

/// What happens to the folder while the fault is armed.
#[derive(Clone, Copy, PartialEq)]
enum Act {
    Start,
    Stop,
    Send,
}

/// Does this, and returns what was acknowledged.
async fn act(act: Act, data: &Path, faults: &Faults, arm: impl Fn()) -> Vec<String> {
    // The log is also emptied soon after a start.
    if act != Act::Stop {
        arm();
    }
    let Ok(server) = Process::start(binary(), data, Some(faults)) else { return Vec::new() };
    match act {
        Act::Start => server.kill(),
        Act::Stop => {
            arm();
            server.terminate();
        }
        Act::Send => {
            let Some(mut bob) = member(&server, "bob").await else { return Vec::new() };
            let texts = send(&mut bob, "more", 40).await;
            server.kill();
            return texts;
        }
    }
    Vec::new()
}

/// Asserts that the next start succeeds and that everything is there.
async fn is_whole(data: &Path, texts: &[String], context: &str) {
    let server = start(data).unwrap_or_else(|e| panic!("{context}: {e}"));
    let mut reader = member(&server, "reader").await.unwrap();
    let room = reader.whole_room("general").await.unwrap();
    for (n, message) in room.iter().enumerate() {
        assert_eq!(message["seq"], n as u64 + 1, "{context}: dense");
        if let Some(text) = texts.get(n) {
            assert_eq!(message["text"], text.as_str(), "{context}");
        }
    }
    assert!(room.len() >= texts.len(), "{context}: {} of {} messages", room.len(), texts.len());
    server.kill();
    #[derive(QueryableByName)]
    struct Check {
        #[diesel(sql_type = diesel::sql_types::Text)]
        integrity_check: String,
    }
    let checked: Check = diesel::sql_query("PRAGMA integrity_check").get_result(&mut open(data)).unwrap();
    assert_eq!(checked.integrity_check, "ok", "{context}");
}

/// Kills the server at operations of these kinds, with and without a power loss.
async fn survives(base: &Base, what: Act, kinds: &[Kind]) {
    let counted = {
        let dir = tempfile::tempdir().unwrap();
        let data = dir.path().join("data");
        if base.data().exists() {
            copy(&base.data(), &data);
        }
        let faults = Faults::new(&data);
        act(what, &data, &faults, || faults.count(kinds)).await;
        faults.counted()
    };
    assert!(counted > 0, "there is something to meet");
    for at in sample(counted) {
        let loss = match at % 4 {
            0 | 2 => None,
            1 => Some(Loss::All),
            _ => Some(Loss::Torn {
                seed: at,
                sector: if at % 8 == 3 { 512 } else { 4096 },
                kept: [10, 50, 90][at as usize % 3],
            }),
        };
        let dir = tempfile::tempdir().unwrap();
        let data = dir.path().join("data");
        if base.data().exists() {
            copy(&base.data(), &data);
        }
        let faults = Faults::new(&data);
        faults.remember();
        let mut texts = base.texts.clone();
        texts.extend(act(what, &data, &faults, || faults.arm(Fault::Kill, kinds, at, 1)).await);
        if let Some(loss) = loss {
            faults.lose_power(loss);
        }
        is_whole(&data, &texts, &format!("operation {at} of {counted}, {loss:?}")).await;
    }
}

#[tokio::test]
async fn a_first_start_may_be_killed_anywhere() {
    survives(&Base::nothing(), Act::Start, &Kind::ALL).await;
}

#[tokio::test]
async fn a_start_after_a_crash_may_be_killed_anywhere() {
    survives(&Base::crashed().await, Act::Start, &Kind::ALL).await;
}

#[tokio::test]
async fn a_stop_may_be_killed_anywhere() {
    survives(&Base::crashed().await, Act::Stop, &Kind::ALL).await;
}

#[tokio::test]
async fn a_growing_checkpoint_may_be_killed_anywhere() {
    survives(&Base::full_log().await, Act::Send, &[Kind::DbWrite, Kind::DbSync]).await;
}

#[tokio::test]
async fn a_migration_may_be_killed_anywhere() {
    survives(&Base::old(), Act::Start, &Kind::ALL).await;
}

/// Fills the disk under load. Then the server ends, and starts once while the disk is full and once with space.
async fn full_disk(is_terminated: bool, room: u64) {
    let base = Base::crashed().await;
    let (data, mut texts) = (base.data(), base.texts.clone());
    let faults = Faults::new(&data);
    let server = Process::start(binary(), &data, Some(&faults)).unwrap();
    let mut bob = member(&server, "bob").await.unwrap();
    faults.room(Some(room));
    texts.extend(send(&mut bob, "full", 2000).await);
    assert!(texts.len() < 2300, "the disk was full");
    if is_terminated {
        assert_eq!(server.terminate(), Some(0));
    } else {
        server.kill();
    }
    let server = Process::start(binary(), &data, Some(&faults)).unwrap();
    let mut back = Client::connect(server.address, json!({"token": bob.token})).await.unwrap();
    let read = back.whole_room("general").await.unwrap();
    assert_eq!(read.len(), texts.len(), "a full disk holds up no reading");
    drop(back);
    assert_eq!(server.terminate(), Some(0));
    is_whole(&data, &texts, "with room again").await;
}

#[tokio::test]
async fn a_full_disk_and_sigterm_lose_nothing() {
    for room in [40_000, 200_000] {
        full_disk(true, room).await;
    }
}

#[tokio::test]
async fn a_full_disk_and_a_kill_lose_nothing() {
    for room in [40_000, 200_000] {
        full_disk(false, room).await;
    }
}

/// POSIX makes a new folder's name durable only once its parent was synced: the shelf of a new file is durable even
/// then.
#[tokio::test]
async fn an_acknowledged_file_survives_a_power_loss_by_the_letter() {
    let base = Base::nothing();
    let data = base.data();
    drop(start(&data).unwrap());
    let faults = Faults::new(&data);
    faults.remember();
    let server = Process::start(binary(), &data, Some(&faults)).unwrap();
    let mut alice = member(&server, "alice").await.unwrap();
    let mut files = Vec::new();
    for n in 0..8 {
        let content = format!(
            "--XX\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a\"\r\n\r\n{n}\r\n--XX--\r\n"
        );
        let bearer = format!("Authorization: Bearer {}\r\n", alice.token);
        let head =
            format!("POST /api/files HTTP/1.1\r\nContent-Type: multipart/form-data; boundary=XX\r\n{bearer}");
        let (status, answer) = testbed::http(server.address, &head, content.as_bytes()).await.unwrap();
        assert_eq!(status, 200);
        let file: serde_json::Value = serde_json::from_slice(&answer).unwrap();
        let send = json!({"type": "send", "room": "general", "nonce": format!("n{n}"), "text": "", "files": [file["id"]]});
        assert_eq!(alice.ask(send).await.unwrap()["type"], "ok");
        files.push((format!("GET {} HTTP/1.1\r\n{bearer}", file["url"].as_str().unwrap()), n.to_string()));
    }
    server.kill();
    faults.lose_power(Loss::All);
    let server = start(&data).unwrap();
    for (head, content) in files {
        let answer = testbed::http(server.address, &head, b"").await;
        assert_eq!(answer, Some((200, content.into_bytes())));
    }
}

/// A start needs some space for the shared memory of the write-ahead log, which a clean stop removes.
#[tokio::test]
async fn a_disk_without_any_room_is_not_taken_for_damage() {
    let base = Base::crashed().await;
    let data = base.data();
    assert_eq!(start(&data).unwrap().terminate(), Some(0));
    let faults = Faults::new(&data);
    faults.room(Some(0));
    let said = Process::start(binary(), &data, Some(&faults)).err().unwrap();
    assert!(
        said.contains("has free space") && !said.contains("damaged") && !said.contains("backup"),
        "{said}"
    );
    is_whole(&data, &base.texts, "with room again").await;
}
