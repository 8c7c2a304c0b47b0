//! Inspects a file's content: its media type and, for an image, its dimensions, a thumbnail, and a copy without
//! metadata about where and by whom it was taken. All of this blocks. Memory and pixels have limits.

use std::fs::File;
use std::io::{BufReader, Cursor, Read};
use std::path::Path;

use bytes::Bytes;
use chat_proto::ErrorCode;
use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder, ImageError, ImageFormat, ImageReader, Limits};

use self::parts::Parts;
use crate::error::Error;

mod clean;
mod parts;

/// The maximum number of pixels in an image.
const PIXELS: u64 = 100_000_000;

/// The maximum length of an image's file, in bytes. It is held in memory while it is inspected.
const IMAGE_BYTES: u64 = 64 * 1024 * 1024;

/// The maximum memory for decoding an image, in bytes: enough for a photograph of 50 megapixels. An image that needs
/// more is stored without a thumbnail.
const DECODE_BYTES: u64 = 176 * 1024 * 1024;

/// The longer side of a thumbnail, in pixels.
const THUMB_SIDE: u32 = 640;

/// Images of at most this many bytes and within [`THUMB_SIDE`] need no thumbnail.
const SMALL_BYTES: u64 = 128 * 1024;

/// The JPEG quality of thumbnails, of 100.
const THUMB_QUALITY: u8 = 80;

/// How much of a file is read to detect its type, in bytes.
const HEAD_BYTES: u64 = 8192;

/// The media type of a file of unknown type.
const BYTES: &str = "application/octet-stream";

/// The result of inspecting a file.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Inspected {
    /// The media type: `image/…` of a kind that browsers may show, or a type to be downloaded.
    pub(crate) media_type: String,
    /// The details of an image.
    pub(crate) picture: Option<Picture>,
}

/// The details of an image.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Picture {
    /// The width as displayed, in pixels.
    pub(crate) width: u32,
    /// The height as displayed, in pixels.
    pub(crate) height: u32,
    /// The image without its metadata, or `None` if it has none.
    pub(crate) cleaned: Option<Bytes>,
    /// The thumbnail, with its type.
    pub(crate) thumb: Option<(Vec<u8>, &'static str)>,
}

/// Whether browsers may display a file of this type directly.
#[must_use]
pub(crate) fn is_shown(media_type: &str) -> bool {
    matches!(media_type, "image/png" | "image/jpeg" | "image/gif" | "image/webp")
}

/// Whether inspecting the file may take much memory. Blocks.
#[must_use]
pub(crate) fn may_be_image(path: &Path) -> bool {
    head(path).is_ok_and(|head| image::guess_format(&head).is_ok())
}

fn head(path: &Path) -> std::io::Result<Vec<u8>> {
    let mut head = Vec::new();
    File::open(path)?.take(HEAD_BYTES).read_to_end(&mut head)?;
    Ok(head)
}

/// Inspects a file of `size` bytes. Blocks.
///
/// # Errors
/// `too_long` if it is an image with too many pixels or bytes.
pub(crate) fn inspect(path: &Path, size: u64) -> Result<Inspected, Error> {
    let head = head(path).map_err(unreadable)?;
    let other = || Inspected { media_type: sniff(&head).to_owned(), picture: None };
    let (format, media_type) = match image::guess_format(&head) {
        Ok(ImageFormat::Png) => (ImageFormat::Png, "image/png"),
        Ok(ImageFormat::Jpeg) => (ImageFormat::Jpeg, "image/jpeg"),
        Ok(ImageFormat::Gif) => (ImageFormat::Gif, "image/gif"),
        Ok(ImageFormat::WebP) => (ImageFormat::WebP, "image/webp"),
        _ => return Ok(other()),
    };
    if size > IMAGE_BYTES {
        return Err(too_large());
    }
    let picture = picture(path, size, format)?;
    // A file that begins like an image but is not one.
    let unknown = || Inspected { media_type: BYTES.to_owned(), picture: None };
    Ok(picture.map_or_else(unknown, |picture| Inspected {
        media_type: media_type.to_owned(),
        picture: Some(picture),
    }))
}

fn too_large() -> Error {
    let why = format!(
        "An image has at most {} million pixels and {} MiB. Make it smaller, or send it in an archive.",
        PIXELS / 1_000_000,
        IMAGE_BYTES / 1024 / 1024
    );
    Error::refused(ErrorCode::TooLong, why)
}

/// Returns the type of a file that is not an image. A file that could be active in a browser
/// counts as unknown.
fn sniff(head: &[u8]) -> &'static str {
    use infer::MatcherType::{App, Text};
    match infer::get(head) {
        Some(found) if matches!(found.matcher_type(), App | Text) => BYTES,
        // It begins a little like an image, and nothing was decoded.
        Some(found) if is_shown(found.mime_type()) => BYTES,
        Some(found)
            if ["xml", "html", "svg", "script"].iter().any(|word| found.mime_type().contains(word)) =>
        {
            BYTES
        }
        Some(found) => found.mime_type(),
        None if is_text(head) => "text/plain",
        None => BYTES,
    }
}

/// Whether it is text that does not begin like markup or a script.
fn is_text(head: &[u8]) -> bool {
    let valid = match std::str::from_utf8(head) {
        Ok(text) => text,
        // The last character may be cut off.
        Err(e) if e.error_len().is_none() => {
            std::str::from_utf8(&head[..e.valid_up_to()]).unwrap_or_default()
        }
        Err(_) => return false,
    };
    let is_plain = |c: char| !c.is_control() || matches!(c, '\n' | '\r' | '\t' | '\x0c');
    let first = valid.trim_start_matches('\u{feff}').trim_start();
    !first.is_empty()
        && !first.starts_with('<')
        && !first.starts_with("#!")
        && !first.starts_with("%!")
        && valid.chars().all(is_plain)
}

/// Returns the details of an image, or `None` if it cannot be decoded. Reads the file three times, so that it is not
/// in memory together with the pixels.
fn picture(path: &Path, size: u64, format: ImageFormat) -> Result<Option<Picture>, Error> {
    let parts = Parts::of(&content(path)?, format);
    // A list of the parts would take more memory than the image.
    if parts.are_too_many() {
        return Ok(None);
    }
    let file = BufReader::new(File::open(path).map_err(unreadable)?);
    let Ok(mut decoder) = ImageReader::with_format(file, format).into_decoder() else { return Ok(None) };
    let (width, height) = decoder.dimensions();
    if u64::from(width) * u64::from(height) > PIXELS {
        return Err(too_large());
    }
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let thumb = if decoding_bytes(&decoder, size, format, parts) > DECODE_BYTES {
        // It is an image, but making a thumbnail would cost too much.
        None
    } else {
        let mut limits = Limits::no_limits();
        limits.max_alloc = Some(DECODE_BYTES);
        match decoder.set_limits(limits).and_then(|()| DynamicImage::from_decoder(decoder)) {
            Ok(image) => thumb(image, size, orientation),
            Err(ImageError::Limits(_)) => None,
            Err(_) => return Ok(None),
        }
    };
    let is_turned = matches!(
        orientation,
        Orientation::Rotate90
            | Orientation::Rotate270
            | Orientation::Rotate90FlipH
            | Orientation::Rotate270FlipH
    );
    let (width, height) = if is_turned { (height, width) } else { (width, height) };
    // An image whose metadata cannot be removed is not shown as an image.
    let content = Bytes::from(content(path)?);
    let Ok(cleaned) = clean::without_metadata(&content, format, orientation) else { return Ok(None) };
    Ok(Some(Picture { width, height, cleaned, thumb }))
}

fn content(path: &Path) -> Result<Vec<u8>, Error> {
    std::fs::read(path).map_err(unreadable)
}

fn unreadable(e: std::io::Error) -> Error {
    Error::Internal(anyhow::Error::from(e).context("an upload cannot be read"))
}

/// Returns how much memory decoding takes, in bytes, from how the decoders of the `image` crate work. The crate's own
/// limits do not include the decoded pixels.
fn decoding_bytes(decoder: &impl ImageDecoder, size: u64, format: ImageFormat, parts: Parts) -> u64 {
    let pixels = decoder.total_bytes();
    match format {
        // The file is copied into memory. The coefficients of a progressive JPEG have 16 bits.
        ImageFormat::Jpeg if parts.is_progressive => size.saturating_add(pixels.saturating_mul(3)),
        ImageFormat::Jpeg => size.saturating_add(pixels),
        // A picture in YUV, or a frame beside the whole animation.
        ImageFormat::WebP => size.saturating_add(pixels.saturating_mul(3)),
        ImageFormat::Gif => pixels.saturating_mul(2),
        _ => pixels,
    }
}

fn thumb(image: DynamicImage, bytes: u64, orientation: Orientation) -> Option<(Vec<u8>, &'static str)> {
    if image.width().max(image.height()) <= THUMB_SIDE && bytes <= SMALL_BYTES {
        return None;
    }
    let mut small = if image.width().max(image.height()) > THUMB_SIDE {
        image.thumbnail(THUMB_SIDE, THUMB_SIDE)
    } else {
        image
    };
    small.apply_orientation(orientation);
    let mut out = Cursor::new(Vec::new());
    if small.color().has_alpha() {
        small.to_rgba8().write_to(&mut out, ImageFormat::Png).ok()?;
        return Some((out.into_inner(), "image/png"));
    }
    let encoder = image::codecs::jpeg::JpegEncoder::new_with_quality(&mut out, THUMB_QUALITY);
    small.to_rgb8().write_with_encoder(encoder).ok()?;
    Some((out.into_inner(), "image/jpeg"))
}

#[cfg(test)]
mod tests;
