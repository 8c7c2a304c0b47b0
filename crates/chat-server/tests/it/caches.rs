//! Ranges of files, caches, and contents that are missing on the disk.

use testbed::noise;

use crate::support::{Host, Server, bearer};
use crate::transfers::{ask, get, kept, upload};

#[tokio::test]
async fn up_10_up_11_ranges_and_caches() {
    let server = Server::start().await;
    let alice = server.member("alice").await;
    let file = upload(&server, &alice.token, "x.bin", &noise(1000)).await;
    let url = file["url"].as_str().unwrap();
    let many = format!("Range: bytes={}\r\n", (0..500).map(|_| "0-1").collect::<Vec<_>>().join(","));
    for bad in [many.as_str(), "Range: bytes=1000-\r\n", "Range: bytes=5-1\r\n", "Range: bytes=0-1,2-3\r\n"] {
        let got = get(server.address, url, &alice.token, bad).await;
        assert!(got.status == 416 || got.body.len() <= 1000, "{} for {bad}", got.status);
        assert!(got.head.len() + got.body.len() < 2500, "no amplification");
    }
    let got = get(server.address, url, &alice.token, "").await;
    assert_eq!(
        (got.header("cache-control"), got.header("vary")),
        ("private, no-cache", "cookie, authorization")
    );
    let etag = got.header("etag").to_owned();
    assert_eq!(etag, format!("\"{}\"", file["id"].as_str().unwrap()));
    let same = format!("If-None-Match: \"other\", {etag}\r\n");
    let got = get(server.address, url, &alice.token, &same).await;
    assert_eq!((got.status, got.body.len(), got.header("etag")), (304, 0, etag.as_str()));
    let part = format!("Range: bytes=0-1\r\nIf-Range: {etag}\r\n");
    assert_eq!(get(server.address, url, &alice.token, &part).await.status, 206);
    let other = "Range: bytes=0-1\r\nIf-Range: \"other\"\r\n";
    assert_eq!(get(server.address, url, &alice.token, other).await.status, 200, "all of it");
    let head = format!(
        "HEAD {url} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n{}\r\n",
        server.address,
        bearer(&alice.token)
    );
    let got = ask(server.address, &head, b"").await;
    assert_eq!((got.status, got.header("content-length"), got.body.len()), (200, "1000", 0));
}

/// Whatever part of the file is missing on the disk: retrying is of no use to the client.
#[tokio::test]
async fn a_content_that_is_missing_on_the_disk_is_not_found() {
    for missing in ["the content", "the shelf", "all of them"] {
        let server = Server::start().await;
        let alice = server.member("alice").await;
        let file = upload(&server, &alice.token, "a.bin", &noise(2000)).await;
        let content = kept(server.dir.path()).remove(0);
        match missing {
            "the content" => std::fs::remove_file(&content).unwrap(),
            "the shelf" => std::fs::remove_dir_all(content.parent().unwrap()).unwrap(),
            _ => std::fs::remove_dir_all(server.dir.path().join("files")).unwrap(),
        }
        let got = get(server.address, file["url"].as_str().unwrap(), &alice.token, "").await;
        assert_eq!(got.status, 404, "{missing}: {}", got.head);
        assert!(String::from_utf8_lossy(&got.body).contains("no_such_file"));
    }
}
