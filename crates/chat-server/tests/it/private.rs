//! Other users of the machine cannot read the data folder, whatever its permissions were.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::support::{Peer, Process, file_headers, form, post_as};

fn mode(path: &Path) -> u32 {
    std::fs::metadata(path).unwrap().permissions().mode() & 0o777
}

fn below(folder: &Path) -> Vec<PathBuf> {
    let mut found = vec![folder.to_owned()];
    for entry in std::fs::read_dir(folder).unwrap().flatten() {
        if entry.file_type().unwrap().is_dir() {
            found.extend(below(&entry.path()));
        } else {
            found.push(entry.path());
        }
    }
    found
}

fn open_to_others(folder: &Path) -> Vec<PathBuf> {
    below(folder).into_iter().filter(|path| mode(path) & 0o077 != 0).collect()
}

/// Starts a server that logs to `log`, with umask 022.
fn start(dir: &Path, log: &Path) -> Process {
    let mut command = Command::new("sh");
    command.args(["-c", "umask 022; exec \"$0\" \"$@\"", env!("CARGO_BIN_EXE_chat-server")]);
    command.args(["--listen", "127.0.0.1:0", "--data-dir"]).arg(dir);
    command.stderr(Stdio::from(std::fs::File::create(log).unwrap()));
    Process::spawn_loud(command)
}

/// Sends a message and a file.
async fn use_it(server: &Process, name: &str) {
    let mut alice = Peer::connect(server.address).await;
    alice.hello(name).await;
    alice.join("general").await;
    alice.say("general", "n", "for members only").await;
    let file =
        post_as(server.address, "/api/files", &file_headers(&alice.token), &form("a.bin", "abcd")).await;
    assert_eq!(file.status, 200, "{} {}", file.head, file.body);
}

#[tokio::test]
async fn a_folder_that_was_open_is_closed_and_the_log_says_so() {
    let parent = tempfile::tempdir().unwrap();
    let (dir, log) = (parent.path().join("data"), parent.path().join("log"));
    std::fs::create_dir(&dir).unwrap();
    std::fs::set_permissions(&dir, PermissionsExt::from_mode(0o755)).unwrap();
    let server = start(&dir, &log);
    use_it(&server, "alice").await;
    assert!(below(&dir).len() > 8, "{:?}", below(&dir));
    assert_eq!(open_to_others(&dir), Vec::<PathBuf>::new(), "while it runs");
    server.kill();

    // As an earlier version left it.
    for path in below(&dir) {
        let open = if path.is_dir() { 0o755 } else { 0o644 };
        std::fs::set_permissions(&path, PermissionsExt::from_mode(open)).unwrap();
    }
    let server = start(&dir, &log);
    use_it(&server, "bob").await;
    assert_eq!(open_to_others(&dir), Vec::<PathBuf>::new(), "after a start");
    assert_eq!(server.terminate().await, Some(0));
    let said = std::fs::read_to_string(&log).unwrap();
    assert_eq!(said.matches("closed it to them").count(), 1, "{said}");

    let server = start(&dir, &log);
    assert_eq!(server.terminate().await, Some(0));
    assert!(!std::fs::read_to_string(&log).unwrap().contains("closed it to them"), "nothing was open");
}

#[tokio::test]
async fn a_folder_that_others_share_keeps_its_permissions_and_the_log_warns() {
    let parent = tempfile::tempdir().unwrap();
    let (dir, log) = (parent.path().join("shared"), parent.path().join("log"));
    std::fs::create_dir(&dir).unwrap();
    std::fs::set_permissions(&dir, PermissionsExt::from_mode(0o1777)).unwrap();
    let server = start(&dir, &log);
    use_it(&server, "alice").await;
    assert_eq!(open_to_others(&dir), std::slice::from_ref(&dir), "our own files are closed");
    assert_eq!(server.terminate().await, Some(0));
    assert!(std::fs::read_to_string(&log).unwrap().contains("it cannot be closed to them"));
}
