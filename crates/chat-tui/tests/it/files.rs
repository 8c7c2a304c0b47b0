//! Files in the terminal: uploaded, saved, opened, and sent by scripts.

use std::process::{Command, Stdio};

use testbed::{Server, Terminal, noise};

fn start(args: &[String]) -> Terminal {
    Terminal::start(env!("CARGO_BIN_EXE_chat-tui"), args)
}

#[tokio::test]
async fn a_file_goes_from_one_disk_to_another_byte_for_byte() {
    let server = Server::start().await;
    let dir = tempfile::tempdir().unwrap();
    let content = noise(3_000_000);
    let path = dir.path().join("my notes.bin");
    std::fs::write(&path, &content).unwrap();
    let (mut alice, mut bob) = (start(&server.args("alice")), start(&server.args("bob")));
    alice.shows("Online").await;
    bob.shows("Online").await;
    // The path is completed.
    alice.types(&format!("/upload {}/my\t", dir.path().display()));
    alice.shows("my notes.bin").await;
    alice.types(" as **promised**\r");
    bob.shows("as promised").await;
    bob.shows("▣ my notes.bin  2.9 MiB").await;
    alice.shows("▣ my notes.bin  2.9 MiB").await;
    let saved = dir.path().join("saved");
    std::fs::create_dir(&saved).unwrap();
    for name in ["my notes.bin", "my notes (1).bin"] {
        bob.types(&format!("/save {}\r", saved.display()));
        bob.shows("Saved as").await;
        bob.types("\x1b");
        bob.hides("Saved as").await;
        assert!(std::fs::read(saved.join(name)).unwrap() == content, "{name}");
    }
    // With the message's own keys, under a new name.
    bob.types(&format!("/save {}/other\r", saved.display()));
    bob.shows("Saved as").await;
    assert!(std::fs::read(saved.join("other")).unwrap() == content);
    alice.types("/upload /no/such/file\r");
    alice.shows("cannot be read").await;
    bob.types("\x07d");
    bob.hides("Delete this message?").await;
}

#[tokio::test]
async fn scripts_send_and_list_files() {
    let server = Server::start().await;
    let dir = tempfile::tempdir().unwrap();
    let content = noise(50_000_000);
    let path = dir.path().join("big.bin");
    std::fs::write(&path, &content).unwrap();
    let run = |args: Vec<String>| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_chat-tui"));
        command.args(args).stdin(Stdio::null());
        tokio::task::spawn_blocking(move || command.output().unwrap())
    };
    let with = |name: &str, more: &[&str]| {
        let mut args = server.args(name);
        args.extend(more.iter().map(|s| (*s).to_owned()));
        args
    };
    let shown = path.display().to_string();
    let sent = run(with("alice", &["send", "--file", &shown, "--file", &shown, "the backup"])).await.unwrap();
    assert!(sent.status.success(), "{sent:?}");
    let sent = run(with("alice", &["send", "--file", "/no/such"])).await.unwrap();
    assert_eq!(sent.status.code(), Some(6), "{sent:?}");
    let told = run(with("bob", &["tail"])).await.unwrap();
    let told = String::from_utf8(told.stdout).unwrap();
    assert!(
        told.contains("alice: the backup")
            && told.matches(&format!("▣ big.bin  48 MiB  {}/files/", server.url())).count() == 2,
        "{told}"
    );
    let mut bob = start(&server.args("bob"));
    bob.shows("▣ big.bin").await;
    bob.types(&format!("/save {}\r", dir.path().display()));
    bob.shows("Saved as").await;
    assert!(std::fs::read(dir.path().join("big (1).bin")).unwrap() == content);
}

#[tokio::test]
async fn an_upload_that_cannot_be_says_why() {
    let server = Server::with(|config| config.file_bytes = 1000).await;
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("long.bin");
    std::fs::write(&path, noise(5000)).unwrap();
    let mut alice = start(&server.args("alice"));
    alice.shows("Online 1").await;
    alice.types(&format!("/upload {}\r", path.display()));
    alice.shows("A file has at most 1000 bytes here.").await;
    alice.types("/upload /dev/null\r");
    alice.shows("is not a file").await;
}

#[tokio::test]
async fn what_is_opened_goes_to_the_systems_program_as_one_argument() {
    let server = Server::start().await;
    let dir = tempfile::tempdir().unwrap();
    let opener = dir.path().join("opener");
    let told = dir.path().join("told");
    std::fs::write(
        &opener,
        format!("#!/bin/sh\nprintf '%s|' \"$#\" \"$@\" > {}.new; mv {0}.new {0}\n", told.display()),
    )
    .unwrap();
    let mut permissions = std::fs::metadata(&opener).unwrap().permissions();
    std::os::unix::fs::PermissionsExt::set_mode(&mut permissions, 0o755);
    std::fs::set_permissions(&opener, permissions).unwrap();
    let path = dir.path().join("$(touch owned);.txt");
    std::fs::write(&path, "plain words").unwrap();
    let mut args = vec![
        "CHAT_OPENER=".to_owned() + &opener.display().to_string(),
        env!("CARGO_BIN_EXE_chat-tui").to_owned(),
    ];
    args.extend(server.args("bob"));
    let (mut alice, mut bob) = (start(&server.args("alice")), Terminal::start("env", &args));
    bob.shows("Online").await;
    alice.shows("Online").await;
    alice.types(&format!("/upload {}\r", path.display()));
    bob.shows("▣ $(touch owned);.txt").await;
    bob.types("/open\r");
    bob.shows("Opened").await;
    let opened = |what: &'static str| {
        let told = told.clone();
        async move {
            let until = async {
                loop {
                    match std::fs::read_to_string(&told) {
                        Ok(text) if text.contains(what) => return text,
                        _ => tokio::time::sleep(std::time::Duration::from_millis(10)).await,
                    }
                }
            };
            let waited = tokio::time::timeout(testbed::PATIENCE, until).await;
            waited.unwrap_or_else(|_| panic!("there is {:?}", std::fs::read_to_string(&told)))
        }
    };
    let text = opened("touch owned").await;
    assert!(text.starts_with("1|/") && text.ends_with(".txt|"), "{text}");
    alice.types("see https://a.example/x?y=1;reboot\r");
    bob.shows("see https://a.example").await;
    bob.types("\x07o");
    assert_eq!(opened("a.example").await, "1|https://a.example/x?y=1;reboot|");
}

#[tokio::test]
async fn an_image_is_drawn_in_the_timeline_by_what_the_terminal_can() {
    let server = Server::start().await;
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("red.png");
    image::RgbImage::from_fn(900, 600, |x, y| image::Rgb([200, (x / 4) as u8, (y / 3) as u8]))
        .save(&path)
        .unwrap();
    let with = |name: &str, images: &str| {
        let mut args = server.args(name);
        args.extend(["--images".to_owned(), images.to_owned()]);
        start(&args)
    };
    let (mut alice, bob, carol) = (with("alice", "off"), with("bob", "half"), with("carol", "kitty"));
    for terminal in [&alice, &bob, &carol] {
        terminal.shows("Online").await;
    }
    alice.types(&format!("/upload {}\r", path.display()));
    bob.shows("▣ red.png").await;
    bob.shows("▄▄▄▄▄▄▄▄").await;
    alice.shows("900×600").await;
    assert!(!alice.contents().contains('▄'));
    carol.shows("▣ red.png").await;
    let sent = async {
        while !carol.raw().windows(3).any(|w| w == b"\x1b_G") {
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(testbed::PATIENCE, sent).await.expect("the picture is sent");
}
