//! Faults in the file system of a server: a library in C (`shim/`) is loaded into it with `LD_PRELOAD`.

mod undo;

use std::fs::{File, OpenOptions};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use tempfile::TempDir;

pub use self::undo::Loss;

const SOURCES: [(&str, &str); 2] =
    [("core.h", include_str!("../shim/core.h")), ("faults.c", include_str!("../shim/faults.c"))];

/// The kind of an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Kind {
    /// A write to `chat.db`, or its truncation.
    DbWrite,
    /// A sync of `chat.db`.
    DbSync,
    /// A write to its write-ahead log, or its truncation.
    WalWrite,
    /// A sync of the write-ahead log, or of the data folder itself, which makes the log's name durable.
    WalSync,
    /// A write to any other file except the shared memory of the write-ahead log.
    OtherWrite,
    /// A sync of another file or of another folder.
    OtherSync,
    /// A name created, changed or removed.
    Name,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 7] = [
        Self::DbWrite,
        Self::DbSync,
        Self::WalWrite,
        Self::WalSync,
        Self::OtherWrite,
        Self::OtherSync,
        Self::Name,
    ];
}

/// What happens to an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The process is killed before it.
    Kill,
    /// It fails as on a broken disk.
    Eio,
    /// It fails as on a full disk.
    Enospc,
    /// A write writes only half.
    Short,
    /// It takes this many milliseconds longer.
    Slow(u32),
}

/// The words of the control file. `shim/core.h` has the same list.
#[derive(Clone, Copy)]
enum Word {
    Armed,
    Mode,
    Kinds,
    At,
    Count,
    Param,
    Lying,
    Full,
    Room,
    Undo,
    Counted = 16,
    Fired,
    Operations,
    End = 64,
}

/// The faults of one data folder, for all servers that use it one after another.
pub struct Faults {
    dir: TempDir,
    control: File,
    under: PathBuf,
}

impl Faults {
    /// Creates faults for the folder `data`, which need not exist yet. None happens before it is armed.
    pub fn new(data: &Path) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let control =
            OpenOptions::new().read(true).write(true).create_new(true).open(dir.path().join("control"));
        let control = control.unwrap();
        control.set_len(Word::End as u64 * 8).unwrap();
        let parent = data.parent().unwrap().canonicalize().unwrap();
        Self { dir, control, under: parent.join(data.file_name().unwrap()) }
    }

    /// Makes a command run with the faults.
    pub fn apply(&self, command: &mut Command) {
        command.env("LD_PRELOAD", library());
        command.env("CHAT_FAULTS_UNDER", &self.under);
        command.env("CHAT_FAULTS_CONTROL", self.dir.path().join("control"));
        command.env("CHAT_FAULTS_UNDO", self.undo_file());
    }

    /// From now on, makes a fault happen to the `at`-th operation of these kinds and to the following ones, `count`
    /// in total. A `count` of 0 means all of them.
    pub fn arm(&self, fault: Fault, kinds: &[Kind], at: u64, count: u64) {
        self.disarm();
        let (mode, param) = match fault {
            Fault::Kill => (1, 0),
            Fault::Eio => (2, 0),
            Fault::Enospc => (3, 0),
            Fault::Short => (4, 0),
            Fault::Slow(ms) => (5, ms.into()),
        };
        let mask = kinds.iter().fold(0, |mask, kind| mask | 1 << *kind as u8);
        for (word, value) in [
            (Word::Mode, mode),
            (Word::Param, param),
            (Word::Kinds, mask),
            (Word::At, at),
            (Word::Count, count),
            (Word::Counted, 0),
            (Word::Fired, 0),
            (Word::Armed, 1),
        ] {
            self.set(word, value);
        }
    }

    /// Counts operations of these kinds from now on, without a fault.
    pub fn count(&self, kinds: &[Kind]) {
        self.arm(Fault::Slow(0), kinds, u64::MAX >> 1, 1);
    }

    /// Ends all faults.
    pub fn disarm(&self) {
        self.set(Word::Armed, 0);
    }

    /// Returns how many operations were counted since it was armed.
    pub fn counted(&self) -> u64 {
        self.get(Word::Counted)
    }

    /// Returns how many operations of any kind there were since the beginning.
    pub fn operations(&self) -> u64 {
        self.get(Word::Operations)
    }

    /// Returns how many operations met a fault.
    pub fn fired(&self) -> u64 {
        self.get(Word::Fired)
    }

    /// Gives the disk this many more bytes. `None` removes the limit.
    pub fn room(&self, bytes: Option<u64>) {
        self.set(Word::Room, bytes.unwrap_or_default());
        self.set(Word::Full, bytes.is_some().into());
    }

    /// Sets whether syncs report success and do nothing.
    pub fn lie(&self, lying: bool) {
        self.set(Word::Lying, lying.into());
    }

    /// Begins to record what [`Self::lose_power`] needs. Everything that exists now counts as durable.
    pub fn remember(&self) {
        File::create(self.undo_file()).unwrap();
        self.set(Word::Undo, 1);
    }

    /// Undoes everything that was not synced since [`Self::remember`]. The server must have been killed. Returns how
    /// many writes and names were lost.
    pub fn lose_power(&self, loss: Loss) -> usize {
        self.set(Word::Undo, 0);
        undo::take_back(&self.undo_file(), &self.under, loss)
    }

    fn undo_file(&self) -> PathBuf {
        self.dir.path().join("undo")
    }

    fn set(&self, word: Word, value: u64) {
        self.control.write_all_at(&value.to_ne_bytes(), word as u64 * 8).unwrap();
    }

    fn get(&self, word: Word) -> u64 {
        let mut bytes = [0; 8];
        self.control.read_exact_at(&mut bytes, word as u64 * 8).unwrap();
        u64::from_ne_bytes(bytes)
    }
}

/// Compiles the library, once for each process.
fn library() -> &'static Path {
    static LIBRARY: OnceLock<(TempDir, PathBuf)> = OnceLock::new();
    let (_, path) = LIBRARY.get_or_init(|| {
        let dir = tempfile::Builder::new().prefix("faults").tempdir_in(target()).unwrap();
        let (source, path) = (dir.path().join("faults.c"), dir.path().join("faults.so"));
        for (name, text) in SOURCES {
            std::fs::write(dir.path().join(name), text).unwrap();
        }
        let mut command = Command::new("cc");
        command.args(["-O1", "-shared", "-fPIC", "-o"]).arg(&path).arg(&source).args(["-ldl", "-lpthread"]);
        let status = command.status().unwrap_or_else(|e| {
            panic!("These tests need a C compiler named `cc` for the faults of the file system, and it cannot be run: {e}")
        });
        assert!(status.success(), "`cc` cannot compile crates/testbed/shim/faults.c: {status}");
        (dir, path)
    });
    path
}

/// Returns the folder of the running test's program, which is in the target folder.
fn target() -> PathBuf {
    std::env::current_exe().unwrap().parent().unwrap().to_owned()
}
