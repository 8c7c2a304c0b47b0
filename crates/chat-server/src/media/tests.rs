use image::{Rgb, RgbImage, Rgba, RgbaImage};
use img_parts::ImageEXIF;
use img_parts::jpeg::{Jpeg, JpegSegment};

use super::*;

fn inspected(content: &[u8]) -> Result<Inspected, Error> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("upload");
    std::fs::write(&path, content).unwrap();
    inspect(&path, content.len() as u64)
}

fn jpeg(width: u32, height: u32) -> Vec<u8> {
    let image = RgbImage::from_fn(width, height, |x, y| Rgb([(x % 256) as u8, (y % 256) as u8, 90]));
    let mut out = Cursor::new(Vec::new());
    image.write_to(&mut out, ImageFormat::Jpeg).unwrap();
    out.into_inner()
}

/// Adds Exif data that rotates the image by 90° and contains a place.
fn with_exif(content: Vec<u8>) -> Vec<u8> {
    let mut jpeg = Jpeg::from_bytes(content.into()).unwrap();
    let mut exif = b"II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0\0\0\0\0".to_vec();
    exif.extend(b"GPS 52.5200 N 13.4050 E");
    jpeg.set_exif(Some(exif.into()));
    let xmp =
        JpegSegment::new_with_contents(0xe1, Bytes::from_static(b"http://ns.adobe.com/xap/1.0/\0<GPS/>"));
    jpeg.segments_mut().insert(1, xmp);
    jpeg.segments_mut()
        .insert(1, JpegSegment::new_with_contents(0xed, Bytes::from_static(b"Photoshop 3.0\0GPS")));
    jpeg.encoder().bytes().to_vec()
}

fn has(content: &[u8], word: &[u8]) -> bool {
    content.windows(word.len()).any(|found| found == word)
}

#[test]
fn up_07_a_photograph_loses_its_place_and_keeps_its_picture_and_its_turn() {
    let plain = jpeg(800, 600);
    let found = inspected(&plain).unwrap();
    assert_eq!(found.picture.as_ref().unwrap().cleaned, None, "what bears nothing stays byte for byte");
    let mut told = with_exif(plain);
    told.extend(b"\xff\xd8\xff\xe1 a second image with GPS");
    let Inspected { media_type, picture: Some(picture) } = inspected(&told).unwrap() else {
        panic!("an image")
    };
    assert_eq!((media_type.as_str(), picture.width, picture.height), ("image/jpeg", 600, 800));
    let cleaned = picture.cleaned.unwrap();
    assert!(has(&told, b"GPS") && !has(&cleaned, b"GPS"));
    let pixels = |content: &[u8]| image::load_from_memory(content).unwrap().into_bytes();
    assert!(pixels(&cleaned) == pixels(&told), "the picture is the same");
    let turned = ImageReader::with_format(Cursor::new(&cleaned), ImageFormat::Jpeg)
        .into_decoder()
        .unwrap()
        .orientation();
    assert_eq!(turned.unwrap(), Orientation::Rotate90);
    let (thumb, _) = picture.thumb.unwrap();
    let thumb = image::load_from_memory(&thumb).unwrap();
    assert_eq!((thumb.width(), thumb.height()), (480, 640), "turned already");
}

#[test]
fn png_and_webp_lose_it_as_well() {
    for format in [ImageFormat::Png, ImageFormat::WebP] {
        let mut out = Cursor::new(Vec::new());
        RgbaImage::from_pixel(700, 20, Rgba([1, 2, 3, 100])).write_to(&mut out, format).unwrap();
        let plain = Bytes::from(out.into_inner());
        assert_eq!(inspected(&plain).unwrap().picture.unwrap().cleaned, None, "{format:?}");
        let mut image = img_parts::DynImage::from_bytes(plain.clone()).unwrap().unwrap();
        image.set_exif(Some(Bytes::from_static(b"II*\0\x08\0\0\0\0\0GPS")));
        let told = image.encoder().bytes();
        let picture = inspected(&told).unwrap().picture.unwrap();
        let cleaned = picture.cleaned.unwrap();
        assert!(has(&told, b"GPS") && !has(&cleaned, b"GPS"), "{format:?}");
        assert!(image::load_from_memory(&cleaned).is_ok());
        assert_eq!(picture.thumb.unwrap().1, "image/png", "what is transparent stays so");
    }
}

#[test]
fn up_04_types_are_found_in_the_content() {
    let cases: [(&[u8], &str); 14] = [
        (b"<html><script>alert(1)</script>", BYTES),
        (b"<!DOCTYPE html><p>", BYTES),
        (b"<?xml version=\"1.0\"?><svg/>", BYTES),
        (b"\n <svg xmlns=\"http://www.w3.org/2000/svg\" onload=\"alert(1)\"/>", BYTES),
        (b"#!/bin/sh\nreboot", BYTES),
        (b"MZ\x90\0", BYTES),
        (b"\x7fELF\x02\x01\x01", BYTES),
        (b"# A heading, and words\n", "text/plain"),
        ("文字".as_bytes(), "text/plain"),
        (b"%PDF-1.7\n", "application/pdf"),
        (b"PK\x03\x04\x14\0\0\0", "application/zip"),
        (b"GIF89a\x02\0\x02\0<script>alert(1)</script>", BYTES),
        (b"RIF\x02\xc4\0\0\0WEBP", BYTES),
        (b"GIF", BYTES),
    ];
    for (content, media_type) in cases {
        let found = inspected(content).unwrap();
        assert_eq!((found.media_type.as_str(), found.picture), (media_type, None), "{content:?}");
        assert!(!is_shown(media_type));
    }
    assert_eq!(inspected(b"").unwrap().media_type, BYTES);
    // An archive after the image is cut off.
    let mut both = jpeg(20, 10);
    both.extend(b"PK\x03\x04 a jar");
    assert!(!has(&inspected(&both).unwrap().picture.unwrap().cleaned.unwrap(), b"PK\x03\x04"));
    // Bytes between the segments hide the end from those who walk over them.
    both.splice(20..20, *b"\0\0");
    assert!(!has(&inspected(&both).unwrap().picture.unwrap().cleaned.unwrap(), b"PK\x03\x04"));
}

#[test]
fn an_image_that_cannot_be_cleaned_is_not_shown_as_one() {
    let mut out = Cursor::new(Vec::new());
    RgbaImage::from_pixel(20, 20, Rgba([1, 2, 3, 255])).write_to(&mut out, ImageFormat::Png).unwrap();
    let mut image = img_parts::DynImage::from_bytes(out.into_inner().into()).unwrap().unwrap();
    image.set_exif(Some(Bytes::from_static(b"II*\0\x08\0\0\0\0\0GPS")));
    let mut told = image.encoder().bytes().to_vec();
    // The chunk's checksum is wrong. Decoders ignore that.
    let at = told.windows(4).position(|w| w == b"eXIf").unwrap() + 4 + 13;
    told[at] ^= 1;
    assert_eq!(inspected(&told).unwrap(), Inspected { media_type: BYTES.to_owned(), picture: None });
}

/// Returns a PNG that claims a size but has no pixels.
fn png_of(width: u32, height: u32) -> Vec<u8> {
    let mut out = b"\x89PNG\r\n\x1a\n".to_vec();
    let mut chunk = |kind: &[u8], content: &[u8]| {
        let body = [kind, content].concat();
        out.extend((content.len() as u32).to_be_bytes());
        out.extend(&body);
        out.extend(crc32fast(&body).to_be_bytes());
    };
    chunk(b"IHDR", &[&width.to_be_bytes()[..], &height.to_be_bytes(), &[8, 6, 0, 0, 0]].concat());
    chunk(b"IDAT", &[0x78, 0x9c, 0x63, 0, 0, 0, 1, 0, 1]);
    chunk(b"IEND", &[]);
    out
}

/// Computes the CRC-32 of PNG (ISO 3309), bit by bit.
fn crc32fast(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0_u32, |crc, byte| {
        (0..8).fold(
            crc ^ u32::from(*byte),
            |crc, _| if crc & 1 == 1 { crc >> 1 ^ 0xedb8_8320 } else { crc >> 1 },
        )
    })
}

#[test]
fn up_05_bombs_and_ruins() {
    for (width, height) in
        [(16_000, 16_000), (30_000, 30_000), (u32::MAX >> 1, u32::MAX >> 1), (40_000_001, 1)]
    {
        let refused = inspected(&png_of(width, height));
        // If the decoder itself rejects the size, the file has no known type.
        let is_bytes = refused.as_ref().is_ok_and(|found| found.media_type == BYTES);
        let is_refused = matches!(refused, Err(Error::Refused(ref why)) if why.code == ErrorCode::TooLong);
        assert!(is_refused || is_bytes, "{width}x{height}");
    }
    assert!(matches!(inspected(&png_of(16_000, 16_000)), Err(Error::Refused(_))));
    assert_eq!(inspected(&png_of(6000, 6000)).unwrap().media_type, BYTES, "it bears no picture");
    let whole = jpeg(400, 300);
    for end in [3, 10, 100] {
        assert_eq!(inspected(&whole[..end]).unwrap().picture, None, "cut at {end}");
    }
}

/// A small image of each format.
fn small_images() -> Vec<Vec<u8>> {
    let encoded = |format| {
        let mut out = Cursor::new(Vec::new());
        RgbaImage::from_fn(9, 7, |x, y| Rgba([x as u8 * 20, y as u8 * 30, 90, 200]))
            .write_to(&mut out, format)
            .unwrap();
        out.into_inner()
    };
    let animated = [encoded(ImageFormat::Gif), encoded(ImageFormat::Gif)].concat();
    let grey = {
        let mut out = Cursor::new(Vec::new());
        image::GrayImage::new(20, 20).write_to(&mut out, ImageFormat::Png).unwrap();
        out.into_inner()
    };
    [ImageFormat::Png, ImageFormat::Gif, ImageFormat::WebP]
        .map(encoded)
        .into_iter()
        .chain([jpeg(16, 8), with_exif(jpeg(8, 16)), animated, grey])
        .collect()
}

/// What looking at a file holds beside the pixels and copies of the file, in bytes: the smaller image in its stages.
const BESIDE: u64 = 16 * 1024 * 1024;

#[test]
fn fuzz_media() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("upload");
    let look = |content: &[u8]| {
        std::fs::write(&path, content).unwrap();
        let (mut found, size) = (None, content.len() as u64);
        let memory = allocation_counter::measure(|| found = Some(inspect(&path, size)));
        assert!(memory.bytes_max <= DECODE_BYTES + 4 * size + BESIDE, "{} bytes", memory.bytes_max);
        found.unwrap()
    };
    chat_fuzz::run("media", small_images(), |input| {
        let Ok(Inspected { media_type, picture }) = look(input) else { return };
        assert_eq!(picture.is_some(), is_shown(&media_type), "what is shown was decoded");
        let Some(picture) = picture else { return };
        assert!(u64::from(picture.width) * u64::from(picture.height) <= PIXELS);
        if let Some((thumb, _)) = &picture.thumb {
            let thumb = image::load_from_memory(thumb).unwrap();
            assert!(thumb.width().max(thumb.height()) <= THUMB_SIDE);
        }
        if let Some(cleaned) = &picture.cleaned {
            let again = look(cleaned).unwrap().picture.unwrap();
            assert_eq!((again.width, again.height), (picture.width, picture.height));
            // Its parts may change their order.
            let is_as_long = again.cleaned.is_none_or(|again| again.len() == cleaned.len());
            assert!(is_as_long, "nothing is left to take away");
        }
    });
}
