//! Computes how large a picture is drawn.

use chat_proto::event::File;
use ratatui_core::layout::Size;

/// The maximum size of a picture on the screen, in cells.
const CELLS: (u32, u32) = (48, 12);

/// The maximum length of an image that is shown itself if it has no thumbnail, in bytes.
const SMALL_BYTES: u64 = 256 * 1024;

/// The size of a cell in pixels if the terminal does not report it: twice as high as wide.
const CELL: (u16, u16) = (8, 16);

/// A screen that can show pictures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Canvas {
    /// The size of a cell, in pixels.
    pub cell: (u16, u16),
}

impl Canvas {
    /// Creates a canvas for a terminal with this many columns and rows, and this many pixels if it reports them.
    #[must_use]
    pub fn new(cells: (u16, u16), pixels: Option<(u16, u16)>) -> Self {
        let cell = pixels.and_then(|(width, height)| {
            let cell = (width.checked_div(cells.0)?, height.checked_div(cells.1)?);
            (cell.0 > 0 && cell.1 > 0).then_some(cell)
        });
        Self { cell: cell.unwrap_or(CELL) }
    }

    /// Returns the columns and rows for an image of this many pixels, within `columns`.
    #[must_use]
    pub fn fit(self, width: u32, height: u32, columns: usize) -> Size {
        let most = (CELLS.0.min(u32::try_from(columns).unwrap_or(CELLS.0)).max(1), CELLS.1);
        let across = f64::from(width.max(1)) / f64::from(self.cell.0);
        let down = f64::from(height.max(1)) / f64::from(self.cell.1);
        let scale = (f64::from(most.0) / across).min(f64::from(most.1) / down).min(1.0);
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped right before")]
        let cells = |full: f64, most: u32| (full * scale).floor().clamp(1.0, f64::from(most)) as u16;
        Size::new(cells(across, most.0), cells(down, most.1))
    }
}

/// Returns the URL of the picture to show for a file, if there is one.
#[must_use]
pub fn url(file: &File) -> Option<&str> {
    let is_small = file.media_type.starts_with("image/") && file.size <= SMALL_BYTES;
    file.thumb.as_deref().or_else(|| is_small.then_some(file.url.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pictures_keep_their_shape_and_stay_small() {
        let canvas = Canvas::new((80, 24), None);
        let fit = |width, height| {
            let size = canvas.fit(width, height, 60);
            (size.width, size.height)
        };
        assert_eq!(fit(4000, 3000), (32, 12));
        assert_eq!(fit(3000, 4000), (18, 12));
        assert_eq!(fit(16, 16), (2, 1), "never larger than it is");
        assert_eq!(fit(1, 1), (1, 1));
        assert_eq!(fit(u32::MAX, 1), (48, 1));
        assert_eq!(fit(1, u32::MAX), (1, 12));
        assert_eq!(canvas.fit(4000, 3000, 10), Size::new(10, 3));
        assert_eq!(Canvas::new((80, 24), Some((800, 480))).cell, (10, 20));
        assert_eq!(Canvas::new((80, 24), Some((0, 0))).cell, CELL);
    }
}
