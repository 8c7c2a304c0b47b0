//! Counts the parts of an image's file before anything makes a list of them: 64 MiB of empty comments are sixteen
//! million segments.

use image::ImageFormat;

/// The maximum number of segments or chunks in an image. Encoders write a few thousand in the largest.
const PARTS: usize = 65_536;

/// The result of scanning an image's parts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Parts {
    count: usize,
    /// Whether it is a progressive JPEG, whose coefficients are all in memory while it is decoded.
    pub(super) is_progressive: bool,
}

impl Parts {
    /// Scans an image up to the point where the file is not valid any more.
    pub(super) fn of(content: &[u8], format: ImageFormat) -> Self {
        let mut parts = Self::default();
        match format {
            ImageFormat::Jpeg => parts.walk_jpeg(content),
            // An 8-byte signature, then length, type, content and checksum (PNG, 5.3).
            ImageFormat::Png => parts
                .walk_chunks(content, 8, 12, |head| u32::from_be_bytes([head[0], head[1], head[2], head[3]])),
            // RIFF, size and WEBP, then type, length and content, padded to two bytes.
            ImageFormat::WebP => parts.walk_chunks(content, 12, 8, |head| {
                let length = u32::from_le_bytes([head[4], head[5], head[6], head[7]]);
                length.saturating_add(length & 1)
            }),
            _ => {}
        }
        parts
    }

    /// Whether there are more parts than any valid image needs.
    pub(super) fn are_too_many(self) -> bool {
        self.count > PARTS
    }

    fn walk_chunks(&mut self, content: &[u8], first: usize, around: usize, length: impl Fn([u8; 8]) -> u32) {
        let mut at = first;
        while let Some(head) = content.get(at..).and_then(|rest| rest.first_chunk::<8>()) {
            self.count += 1;
            at = at.saturating_add(around).saturating_add(length(*head) as usize);
            // Decoders also read the chunks of a list within a chunk, which are not counted here.
            if head.starts_with(b"LIST") {
                self.count = usize::MAX;
            }
            if self.are_too_many() {
                return;
            }
        }
    }

    fn walk_jpeg(&mut self, content: &[u8]) {
        for (_, marker) in markers(content) {
            self.is_progressive |= marker == 0xc2;
            self.count += 1;
            if self.are_too_many() {
                return;
            }
        }
    }
}

/// Returns the markers of a JPEG and their positions (ITU T.81, B.1), up to the end of the image or of what is valid.
/// It skips segments by their lengths, and the coded data after a start of scan up to the next marker. A fill byte
/// before a marker is returned as `ff`.
pub(super) fn markers(content: &[u8]) -> impl Iterator<Item = (usize, u8)> + '_ {
    let mut next = Some(2);
    std::iter::from_fn(move || {
        let at = next.take()?;
        let [0xff, marker] = *content.get(at..)?.first_chunk()? else { return None };
        next = match marker {
            0xd9 => None,
            0xff => Some(at + 1),
            0x01 | 0xd0..=0xd8 => Some(at + 2),
            _ => content.get(at + 2..).and_then(|rest| rest.first_chunk()).and_then(|length| {
                let behind = at + 2 + usize::from(u16::from_be_bytes(*length));
                if marker == 0xda { next_marker(content, behind) } else { Some(behind) }
            }),
        };
        Some((at, marker))
    })
}

/// Returns the position of the next marker in coded data, where `ff 00` stands for a byte and `ff d0` to `ff d7` are
/// restart markers.
fn next_marker(content: &[u8], from: usize) -> Option<usize> {
    let is_marker = |pair: &[u8]| pair[0] == 0xff && !matches!(pair[1], 0x00 | 0xd0..=0xd7 | 0xff);
    content.get(from..)?.windows(2).position(is_marker).map(|found| from + found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_counted_and_nothing_panics() {
        let comments = [b"\xff\xd8".as_slice(), &b"\xff\xfe\0\x02".repeat(PARTS + 1)].concat();
        assert!(Parts::of(&comments, ImageFormat::Jpeg).are_too_many());
        let png = [b"\x89PNG\r\n\x1a\n".as_slice(), &b"\0\0\0\0tEXtcrc.".repeat(PARTS + 1)].concat();
        assert!(Parts::of(&png, ImageFormat::Png).are_too_many());
        let webp = [b"RIFF\xff\xff\xff\0WEBP".as_slice(), &b"EXIF\0\0\0\0".repeat(PARTS + 1)].concat();
        assert!(Parts::of(&webp, ImageFormat::WebP).are_too_many());
        assert!(Parts::of(b"RIFF\x20\0\0\0WEBPLIST\x10\0\0\0", ImageFormat::WebP).are_too_many());
        for format in [ImageFormat::Jpeg, ImageFormat::Png, ImageFormat::WebP, ImageFormat::Gif] {
            for content in
                [&b""[..], b"\xff", b"\xff\xd8\xff", b"\xff\xd8\xff\xda\0", &[0xff; 100], &[0; 100]]
            {
                assert!(!Parts::of(content, format).are_too_many(), "{format:?} {content:?}");
            }
        }
        assert!(Parts::of(b"\xff\xd8\xff\xc2\0\x02\xff\xd9", ImageFormat::Jpeg).is_progressive);
    }
}
