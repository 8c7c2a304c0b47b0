//! Contents that someone deleted while the server runs.

use serde_json::json;

use crate::support::{Answer, Process, bearer, file_headers, form, get, post, post_as};

#[tokio::test]
async fn v8_a_content_that_is_missing_or_damaged_on_the_disk_is_told_as_that() {
    let dir = tempfile::tempdir().unwrap();
    let log = dir.path().join("log");
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_chat-server"));
    command.args(["--listen", "127.0.0.1:0", "--data-dir"]).arg(dir.path().join("data"));
    command.stderr(std::fs::File::create(&log).unwrap());
    let server = Process::spawn_loud(command);
    let token = post(server.address, "/api/guest", "", json!({"name": "alice"})).await.token();
    let files = dir.path().join("data/files");
    let upload = async |content: &str| {
        let done =
            post_as(server.address, "/api/files", &file_headers(&token), &form("a.txt", content)).await;
        assert_eq!(done.status, 200, "{}", done.body);
        done.body["url"].as_str().unwrap().to_owned()
    };
    let contents = || -> Vec<std::path::PathBuf> {
        let shelves = std::fs::read_dir(&files).unwrap().map(|entry| entry.unwrap().path());
        let shelves = shelves.filter(|path| path.is_dir() && path.file_name().unwrap().len() == 2);
        shelves
            .flat_map(|shelf| std::fs::read_dir(shelf).unwrap().map(|entry| entry.unwrap().path()))
            .collect()
    };
    let read = async |url: &str| Answer::read(&get(server.address, url, &bearer(&token)).await);
    type Damage = fn(&std::path::Path);
    let ways: [(&str, Damage); 5] = [
        ("the content", |path| std::fs::remove_file(path).unwrap()),
        ("the shelf", |path| std::fs::remove_dir_all(path.parent().unwrap()).unwrap()),
        ("a folder in its place", |path| {
            std::fs::remove_file(path).unwrap();
            std::fs::create_dir(path).unwrap();
        }),
        ("a file in the shelf's place", |path| {
            std::fs::remove_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path.parent().unwrap(), "").unwrap();
        }),
        ("a part of it", |path| std::fs::write(path, "sh").unwrap()),
    ];
    for (n, (what, damage)) in ways.into_iter().enumerate() {
        let before = contents();
        let url = upload(&format!("content {n}")).await;
        assert_eq!(read(&url).await.status, 200);
        let path = contents().into_iter().find(|path| !before.contains(path)).unwrap();
        damage(&path);
        let answer = read(&url).await;
        assert_eq!(
            (answer.status, &answer.body["code"]),
            (404, &json!("no_such_file")),
            "{what}: {}",
            answer.body
        );
        let told = answer.body["message"].as_str().unwrap();
        assert!(told.contains("missing on the server's disk"), "{what}: {told}");
        // Make room for the next upload: this shelf may be a file now.
        let _ = std::fs::remove_file(path.parent().unwrap());
    }
    let missing = read("/files/00000000000000000000000000000000/a.txt").await;
    assert!(
        !missing.body["message"].as_str().unwrap().contains("disk"),
        "a file that there never was is another matter"
    );
    let logged = std::fs::read_to_string(&log).unwrap();
    assert!(!logged.contains("the store is unavailable"), "{logged}");
    assert_eq!(
        logged.lines().filter(|line| line.contains("ERROR") && line.contains("content")).count(),
        5,
        "{logged}"
    );
    assert_eq!(server.terminate().await, Some(0));
}
