use std::cell::Cell;
use std::io::Write;

use super::*;

thread_local! {
    /// How many more operations succeed.
    static FUSE: Cell<usize> = const { Cell::new(usize::MAX) };
}

pub(super) fn step() -> io::Result<()> {
    FUSE.with(|fuse| match fuse.get() {
        0 => Err(io::ErrorKind::StorageFull.into()),
        left => {
            fuse.set(left.saturating_sub(1));
            Ok(())
        }
    })
}

fn entry(nonce: &str) -> Outgoing {
    Outgoing { nonce: nonce.into(), room: "general".into(), text: "a\nb é".into(), ..Outgoing::default() }
}

fn nonces(entries: &[Outgoing]) -> Vec<&str> {
    entries.iter().map(|entry| entry.nonce.as_str()).collect()
}

fn open(path: &Path) -> (Journal, Vec<Outgoing>) {
    let Opened { journal, waiting } = Journal::open(path);
    (journal.unwrap(), waiting)
}

fn files(folder: &Path) -> usize {
    std::fs::read_dir(folder).unwrap().count()
}

/// A file as the previous version of the program left it.
fn old(path: &Path, nonces: &[&str]) -> Vec<u8> {
    let bytes = nonces.iter().flat_map(|nonce| line_of(&entry(nonce)).unwrap()).collect::<Vec<_>>();
    std::fs::write(path, &bytes).unwrap();
    bytes
}

#[test]
fn what_was_not_done_is_there_again() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("alice.outbox");
    let (mut journal, waiting) = open(&path);
    assert_eq!(waiting, []);
    for nonce in ["1", "2", "3"] {
        journal.added(&entry(nonce)).unwrap();
    }
    journal.done("2").unwrap();
    drop(journal);
    let (mut journal, waiting) = open(&path);
    assert_eq!(waiting, [entry("1"), entry("3")]);
    journal.done("1").unwrap();
    journal.done("3").unwrap();
    drop(journal);
    assert_eq!(files(dir.path()), 0, "nothing waits, nothing is left behind");
}

#[test]
fn nobody_else_can_read_it() {
    use std::os::unix::fs::PermissionsExt;
    let dir = tempfile::tempdir().unwrap();
    let (journal, _) = open(&dir.path().join("alice.outbox"));
    assert_eq!(std::fs::metadata(&journal.path).unwrap().permissions().mode() & 0o777, 0o600);
}

#[test]
fn each_window_has_its_own_and_the_next_start_adopts_what_nobody_holds() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("alice.outbox");
    let (mut first, _) = open(&path);
    first.added(&entry("first")).unwrap();
    let (mut second, waiting) = open(&path);
    assert_eq!(waiting, [], "the first window has its own");
    second.added(&entry("second")).unwrap();
    // Another user's journal.
    let (mut bob, _) = open(&dir.path().join("alice%2eoutbox.outbox"));
    bob.added(&entry("bob")).unwrap();
    drop(first);
    let (third, waiting) = open(&path);
    assert_eq!(nonces(&waiting), ["first"]);
    drop((second, third));
    let (_fourth, mut waiting) = open(&path);
    waiting.sort_by(|a, b| a.nonce.cmp(&b.nonce));
    assert_eq!(nonces(&waiting), ["first", "second"]);
    assert_eq!(files(dir.path()), 2);
}

#[test]
fn killed_at_any_operation_of_a_start_nothing_is_lost() {
    for operations in 0.. {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("alice.outbox");
        old(&path, &["1", "2", "3"]);
        old(&dir.path().join("alice.outbox.x"), &["4", "5"]);
        FUSE.set(operations);
        let opened = Journal::open(&path);
        assert_eq!(nonces(&opened.waiting), ["1", "2", "3", "4", "5"], "they are sent even so");
        let is_whole = FUSE.get() > 0;
        assert_eq!(opened.journal.is_ok(), operations >= 4, "{operations}");
        // Without writing anything, as a killed program ends.
        FUSE.set(0);
        drop(opened);
        FUSE.set(usize::MAX);
        let (journal, waiting) = open(&path);
        let mut all = nonces(&waiting);
        for own in [["1", "2", "3"].as_slice(), &["4", "5"]] {
            let places: Vec<_> = own.iter().map(|nonce| all.iter().position(|n| n == nonce)).collect();
            assert!(places.is_sorted() && places[0].is_some(), "{operations}: {all:?}");
        }
        all.sort_unstable();
        assert_eq!(all, ["1", "2", "3", "4", "5"], "{operations}");
        assert_eq!(files(dir.path()), 1);
        drop(journal);
        if is_whole {
            assert!(operations > 5, "{operations}");
            return;
        }
    }
}

#[test]
fn an_entry_that_could_not_be_kept_spoils_no_other() {
    for operations in 0..4 {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("alice.outbox");
        let (mut journal, _) = open(&path);
        journal.added(&entry("1")).unwrap();
        FUSE.set(operations);
        let failed = journal.added(&entry("2")).is_err();
        FUSE.set(usize::MAX);
        assert_eq!(failed, operations < 2, "{operations}");
        journal.added(&entry("3")).unwrap();
        drop(journal);
        let (_journal, waiting) = open(&path);
        let expected = if operations == 0 { ["1", "3"].as_slice() } else { &["1", "2", "3"] };
        assert_eq!(nonces(&waiting), expected, "{operations}");
    }
}

#[test]
fn a_damaged_tail_costs_only_itself() {
    let whole = line_of(&entry("3")).unwrap();
    let inside = whole.iter().position(|byte| *byte >= 0x80).unwrap() + 1;
    let with_zeros = [&[0; 512], &whole[..]].concat();
    for (tail, kept) in [
        (&whole[..inside], false),
        (&whole[..whole.len() / 3], false),
        (&[0; 4096], false),
        (b"\xff\xfe\x80garbage\n", false),
        (b"\n\n[]\n{}\nnull\n7\n", false),
        (b"{\"done\":7}\n{\"nonce\":\"x\"}\n", false),
        // A last line that lacks only its line end is complete.
        (&whole[..whole.len() - 1], true),
        (&with_zeros[..], true),
    ] {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("alice.outbox");
        let bytes = [old(&path, &["1", "2"]), tail.to_vec()].concat();
        std::fs::write(&path, bytes).unwrap();
        let (_journal, waiting) = open(&path);
        let expected = if kept { ["1", "2", "3"].as_slice() } else { &["1", "2"] };
        assert_eq!(nonces(&waiting), expected, "{:?}", String::from_utf8_lossy(tail));
    }
}

#[test]
fn damage_in_the_middle_costs_only_its_line() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("alice.outbox");
    old(&path, &["1", "2"]);
    let mut file = std::fs::OpenOptions::new().append(true).open(&path).unwrap();
    file.write_all(b"{\"nonce\":\"\xc3\n").unwrap();
    file.write_all(&line_of(&entry("4")).unwrap()).unwrap();
    file.write_all(b"{\"done\":\"1\"}\n").unwrap();
    let (_journal, waiting) = open(&path);
    assert_eq!(nonces(&waiting), ["2", "4"]);
}

#[test]
fn a_message_that_got_its_room_keeps_it() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("alice.outbox");
    let (mut journal, _) = open(&path);
    let early = |nonce| Outgoing { room: String::new(), ..entry(nonce) };
    journal.added(&early("1")).unwrap();
    journal.added(&early("2")).unwrap();
    journal.added(&entry("1")).unwrap();
    drop(journal);
    let (mut journal, waiting) = open(&path);
    assert_eq!(waiting, [entry("1"), early("2")]);
    journal.done("1").unwrap();
    journal.done("2").unwrap();
    drop(journal);
    assert_eq!(files(dir.path()), 0);
}

#[test]
fn a_folder_that_cannot_be_used_is_told() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("file");
    std::fs::write(&file, "").unwrap();
    assert!(Journal::open(&file.join("alice.outbox")).journal.is_err());
}

#[test]
fn what_waits_goes_along_to_another_name() {
    let dir = tempfile::tempdir().unwrap();
    let (alice, bob) = (dir.path().join("alice.outbox"), dir.path().join("bob.outbox"));
    let (mut journal, _) = open(&alice);
    journal.added(&entry("1")).unwrap();
    journal.move_to(&bob).unwrap();
    journal.added(&entry("2")).unwrap();
    let (other, waiting) = open(&bob);
    assert_eq!(waiting, [], "it is still held");
    drop((journal, other));
    assert_eq!(open(&alice).1, []);
    assert_eq!(nonces(&open(&bob).1), ["1", "2"]);
}
