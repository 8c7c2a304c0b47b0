use tempfile::TempDir;

use super::*;

/// A folder with a file of pages of `a`, and a journal of changes to it.
struct Disk {
    dir: TempDir,
    journal: Vec<u8>,
}

impl Disk {
    fn new(pages: usize) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let mut disk = Self { dir, journal: Vec::new() };
        std::fs::write(disk.file(), vec![b'a'; pages * 4096]).unwrap();
        let path = disk.file().into_os_string().into_encoded_bytes();
        disk.record([1, 1, 0, 0, 0], &path);
        disk
    }

    fn file(&self) -> PathBuf {
        self.dir.path().join("file")
    }

    fn record(&mut self, head: [u64; 5], data: &[u8]) {
        for word in head.into_iter().chain([data.len() as u64]) {
            self.journal.extend(word.to_ne_bytes());
        }
        self.journal.extend(data);
    }

    /// Writes a page, and records that as the library does.
    fn write(&mut self, page: u64, byte: u8) {
        let content = std::fs::read(self.file()).unwrap();
        let (at, length) = (page * 4096, content.len() as u64);
        let old =
            content.get(at as usize..(at as usize + 4096).min(content.len())).unwrap_or_default().to_vec();
        self.record([2, 1, at, length, 4096], &old);
        let file = OpenOptions::new().write(true).open(self.file()).unwrap();
        file.write_all_at(&[byte; 4096], at).unwrap();
    }

    fn lose(&self, loss: Loss) -> Vec<u8> {
        std::fs::write(self.dir.path().join("journal"), &self.journal).unwrap();
        take_back(&self.dir.path().join("journal"), self.dir.path(), loss);
        let content = std::fs::read(self.file()).unwrap();
        content.chunks(4096).map(|page| page[0]).collect()
    }
}

const SYNC: [u64; 5] = [4, 1, 0, 0, 0];
const SYNC_FAILED: [u64; 5] = [5, 1, 0, 0, 0];

#[test]
fn what_was_synced_stays_and_the_rest_is_as_before() {
    let mut disk = Disk::new(2);
    disk.write(0, b'b');
    disk.write(2, b'b');
    disk.record(SYNC, b"");
    disk.write(0, b'c');
    disk.write(1, b'c');
    disk.write(3, b'c');
    assert_eq!(disk.lose(Loss::All), b"bab");
}

#[test]
fn what_a_failed_sync_dropped_stays_lost_unless_it_was_written_again() {
    let mut disk = Disk::new(3);
    disk.write(0, b'b');
    disk.write(1, b'b');
    disk.record(SYNC_FAILED, b"");
    disk.write(1, b'c');
    disk.record(SYNC, b"");
    assert_eq!(disk.lose(Loss::All), b"aca");
}

#[test]
fn a_torn_loss_keeps_some_and_is_the_same_for_the_same_seed() {
    let lost = |seed| {
        let mut disk = Disk::new(40);
        (0..40).for_each(|page| disk.write(page, b'b'));
        disk.lose(Loss::Torn { seed, sector: 4096, kept: 50 })
    };
    assert_eq!(lost(1), lost(1));
    assert_ne!(lost(1), lost(2));
    assert!(lost(1).contains(&b'a') && lost(1).contains(&b'b'));
}

#[test]
fn a_truncation_is_undone() {
    let mut disk = Disk::new(2);
    disk.record([3, 1, 4096, 8192, 0], &[b'a'; 4096]);
    OpenOptions::new().write(true).open(disk.file()).unwrap().set_len(4096).unwrap();
    assert_eq!(disk.lose(Loss::All), b"aa");
}

#[test]
fn names_last_once_their_folder_was_synced() {
    for is_synced in [true, false] {
        let mut disk = Disk::new(1);
        let made = disk.dir.path().join("made");
        std::fs::create_dir(&made).unwrap();
        let mut names = made.clone().into_os_string().into_encoded_bytes();
        names.push(0);
        disk.record([9, 0, 0, 0, 0], &names);
        let folder = disk.dir.path().as_os_str().to_owned().into_encoded_bytes();
        disk.record([1, 2, 0, 0, 0], &folder);
        if is_synced {
            disk.record([4, 2, 0, 0, 0], b"");
        }
        disk.lose(Loss::All);
        assert_eq!(made.exists(), is_synced);
    }
}
