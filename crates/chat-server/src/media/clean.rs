//! Removes an image's metadata: Exif (place, time, camera), XMP and IPTC, and everything that was appended after its
//! end. The bytes of the picture itself do not change.

use bytes::Bytes;
use image::ImageFormat;
use image::metadata::Orientation;
use img_parts::ImageEXIF;
use img_parts::jpeg::{Jpeg, JpegSegment};
use img_parts::png::{Png, PngChunk};
use img_parts::webp::{CHUNK_XMP, WebP};

use super::parts::markers;

/// PNG text chunks in which programs store Exif, IPTC and XMP.
const PNG_PROFILES: [&[u8]; 2] = [b"XML:com.adobe.xmp\0", b"Raw profile type "];

/// Returns the image without its metadata, or `None` if it has none. Its orientation is kept.
///
/// # Errors
/// If its container is damaged, so that its content is unknown.
pub(super) fn without_metadata(
    content: &Bytes,
    format: ImageFormat,
    orientation: Orientation,
) -> img_parts::Result<Option<Bytes>> {
    let exif = (orientation != Orientation::NoTransforms).then(|| exif_of(orientation));
    let cleaned = match format {
        ImageFormat::Jpeg => {
            let mut jpeg = Jpeg::from_bytes(up_to_end(content.clone()))?;
            jpeg.segments_mut().retain(is_kept);
            jpeg.set_exif(exif);
            // What stood between the segments is gone, and only now is the end of every file found.
            up_to_end(jpeg.encoder().bytes())
        }
        ImageFormat::Png => {
            let mut png = Png::from_bytes(content.clone())?;
            png.chunks_mut().retain(|chunk| !is_profile(chunk));
            png.set_exif(exif);
            png.encoder().bytes()
        }
        ImageFormat::WebP => {
            let mut webp = WebP::from_bytes(content.clone())?;
            if !webp.has_chunk(CHUNK_XMP) && webp.exif().is_none() {
                return Ok(None);
            }
            webp.remove_chunks_by_id(CHUNK_XMP);
            webp.set_exif(exif);
            webp.encoder().bytes()
        }
        _ => return Ok(None),
    };
    Ok((cleaned != content).then_some(cleaned))
}

/// Whether a JPEG application segment is kept. The picture needs JFIF, the colour profile, and Adobe's segment about
/// colour coding.
fn is_kept(segment: &JpegSegment) -> bool {
    match segment.marker() {
        0xe0 | 0xee => true,
        0xe2 => segment.contents().starts_with(b"ICC_PROFILE\0"),
        0xe1..=0xef => false,
        _ => true,
    }
}

fn is_profile(chunk: &PngChunk) -> bool {
    match &chunk.kind() {
        b"eXIf" => true,
        b"tEXt" | b"zTXt" | b"iTXt" => PNG_PROFILES.iter().any(|name| chunk.contents().starts_with(name)),
        _ => false,
    }
}

/// Returns Exif data with the orientation and nothing else (Exif 2.32, 4.6.4: tag 0x0112).
fn exif_of(orientation: Orientation) -> Bytes {
    let mut exif = b"II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0".to_vec();
    exif.extend([orientation.to_exif(), 0, 0, 0, 0, 0, 0, 0]);
    exif.into()
}

/// Returns a JPEG up to its end. Cameras append videos and more images there, with metadata of their own.
fn up_to_end(content: Bytes) -> Bytes {
    let end = markers(&content).find(|(_, marker)| *marker == 0xd9).map(|(at, _)| at + 2);
    end.map_or(content.clone(), |end| content.slice(..end))
}
