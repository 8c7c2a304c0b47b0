//! Images that are expensive to decode.

use super::{peak, resident};
use crate::support::{Peer, Process};
use crate::transfers::{FORM, Got, form, post};
use image::{ImageFormat, RgbImage};

/// The maximum cost of uploads, in MiB.
const MOST: u64 = 192;

fn encoded(width: u32, height: u32, format: ImageFormat) -> Vec<u8> {
    let mut out = std::io::Cursor::new(Vec::new());
    RgbImage::new(width, height).write_to(&mut out, format).unwrap();
    out.into_inner()
}

/// Returns a JPEG that claims to be higher than its data, as a broken photograph does: decoders allocate memory for
/// all of it.
fn tall_jpeg(width: u16, height: u16) -> Vec<u8> {
    let mut jpeg = encoded(u32::from(width), 16, ImageFormat::Jpeg);
    let frame = jpeg.windows(2).position(|pair| pair == [0xff, 0xc0]).unwrap();
    jpeg[frame + 5..frame + 7].copy_from_slice(&height.to_be_bytes());
    jpeg
}

/// Uploads a file to its own server. Returns the answer, and the peak cost in MiB.
async fn cost(content: &[u8]) -> (Got, u64) {
    let dir = tempfile::tempdir().unwrap();
    let server = Process::start(dir.path());
    let mut alice = Peer::connect(server.address).await;
    alice.hello("alice").await;
    post(server.address, &alice.token, FORM, &form("a", b"a first one, so that all is loaded")).await;
    let before = resident(&server);
    let answer = post(server.address, &alice.token, FORM, &form("a", content)).await;
    (answer, peak(&server).saturating_sub(before))
}

#[tokio::test]
async fn no_image_costs_more_than_its_budget() {
    let mut stuffed = encoded(64, 64, ImageFormat::Jpeg);
    let comments = b"\xff\xfe\0\x02".repeat(15_000_000);
    stuffed.splice(2..2, comments);
    let mut chunks = encoded(64, 64, ImageFormat::Png);
    chunks.splice(33..33, b"\0\0\0\x00tEXt\x93\x21\x45\x1b".repeat(5_000_000));
    for (name, content) in [
        ("a JPEG of empty comments", stuffed),
        ("a PNG of empty chunks", chunks),
        ("a PNG of 90 megapixels", encoded(10_000, 9_000, ImageFormat::Png)),
        ("a WebP of 80 megapixels", encoded(10_000, 8_000, ImageFormat::WebP)),
    ] {
        let (answer, cost) = cost(&content).await;
        assert_eq!(answer.status, 200, "{name}: {}", answer.json());
        assert!(cost <= MOST, "{name}: {cost} MiB");
    }
}

#[tokio::test]
async fn a_photograph_of_fifty_megapixels_has_a_smaller_one() {
    let (answer, cost) = cost(&tall_jpeg(8192, 6144)).await;
    let file = answer.json();
    assert!(file["thumb"].is_string() && file["width"] == 8192, "{file}");
    assert!(cost <= MOST, "{cost} MiB");
}
