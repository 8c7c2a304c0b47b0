//! The page with a server that was restored from a copy.

use std::path::Path;

use diesel::connection::SimpleConnection;
use diesel::{Connection, SqliteConnection};
use testbed::Server;

use crate::support::{Person, browse, page, writes};

fn copy(from: &Path, to: &Path) {
    for file in std::fs::read_dir(from).unwrap().map(Result::unwrap) {
        if file.file_name().to_string_lossy().starts_with("chat.db") {
            std::fs::copy(file.path(), to.join(file.file_name())).unwrap();
        }
    }
}

#[tokio::test]
async fn the_page_shows_the_restored_history_and_what_is_written_since() {
    let copied = tempfile::tempdir().unwrap();
    let server = Server::start().await;
    browse(async |browser| {
        browser.enters(&page(&server, false), "alice").await;
        writes(&server, "bob", ["kept".to_owned()]).await;
        browser.sees("kept").await;
        let (address, dir) = server.stop().await;
        copy(dir.path(), copied.path());
        let server = Server::on(address, dir, |_| {}).await;
        writes(&server, "carol", ["lost".to_owned(), "lost too".to_owned()]).await;
        browser.sees("lost too").await;
        let (address, dir) = server.stop().await;
        for file in std::fs::read_dir(dir.path()).unwrap().map(Result::unwrap) {
            if file.file_name().to_string_lossy().starts_with("chat.db") {
                std::fs::remove_file(file.path()).unwrap();
            }
        }
        copy(copied.path(), dir.path());
        let mut conn = SqliteConnection::establish(dir.path().join("chat.db").to_str().unwrap()).unwrap();
        conn.batch_execute("UPDATE meta SET value = 'another' WHERE key = 'log'").unwrap();
        drop(conn);
        let server = Server::on(address, dir, |_| {}).await;
        writes(&server, "dave", ["new".to_owned()]).await;
        browser.sees("new").await;
        assert_eq!(browser.texts().await, ["kept", "new"]);
        writes(&server, "erin", ["live".to_owned()]).await;
        browser.sees("live").await;
        assert_eq!(browser.texts().await, ["kept", "new", "live"]);
    })
    .await;
}
