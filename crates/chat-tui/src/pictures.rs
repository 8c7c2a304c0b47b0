//! Pictures on the screen: the method for drawing them, and those that are ready. The terminal is never queried,
//! because the program would hang if it does not answer.

use std::collections::{HashMap, VecDeque};
use std::fmt;
use std::io::Cursor;
use std::sync::Arc;

use chat_screen::canvas::Canvas;
use image::{DynamicImage, ImageDecoder, ImageReader, Limits};
use ratatui::layout::Size;
use ratatui_image::picker::{Picker, ProtocolType};
use ratatui_image::protocol::halfblocks::Halfblocks;
use ratatui_image::sliced::SlicedProtocol;
use ratatui_image::{FontSize, Resize};

/// The maximum number of pictures held.
const HELD: usize = 48;

/// The maximum length of a picture's file, in bytes.
pub const BYTES: usize = 4 * 1024 * 1024;

/// The maximum side that is decoded, in pixels. The server's thumbnails are smaller.
const SIDE: u32 = 2048;

/// The maximum memory for decoding one picture, in bytes.
const DECODE_BYTES: u64 = 64 * 1024 * 1024;

/// The method for drawing pictures.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Means {
    /// Choose by the terminal.
    #[default]
    Auto,
    /// The protocol of kitty and Ghostty.
    Kitty,
    /// Sixel graphics: foot, xterm, mlterm and others.
    Sixel,
    /// The protocol of iTerm2 and WezTerm.
    Iterm2,
    /// Coloured half blocks, for any terminal.
    Half,
    /// Do not draw images.
    Off,
}

impl Means {
    /// Returns what the terminal supports, according to the environment's variables. In a multiplexer only half
    /// blocks are sure to work.
    #[must_use]
    pub fn resolve(self, var: impl Fn(&str) -> Option<String>) -> Self {
        let is = |name: &str, part: &str| var(name).is_some_and(|value| value.contains(part));
        match self {
            Self::Auto if is("TERM", "dumb") => Self::Off,
            Self::Auto if var("TMUX").is_some() || is("TERM", "screen") || is("TERM", "tmux") => Self::Half,
            Self::Auto if is("TERM", "kitty") || is("TERM", "ghostty") => Self::Kitty,
            Self::Auto if is("TERM_PROGRAM", "iTerm") || is("TERM_PROGRAM", "WezTerm") => Self::Iterm2,
            Self::Auto if is("TERM", "foot") || is("TERM", "mlterm") => Self::Sixel,
            Self::Auto => Self::Half,
            other => other,
        }
    }
}

/// A picture that can be drawn.
#[derive(Clone)]
pub struct Picture(Arc<SlicedProtocol>);

impl fmt::Debug for Picture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Picture")
    }
}

impl Picture {
    /// Decodes a file and prepares it for `size` cells. Blocks.
    ///
    /// # Errors
    /// If it is not an image, or takes too much memory.
    pub fn of(content: &[u8], size: Size, means: Means, canvas: Canvas) -> Result<Self, String> {
        let image = decode(content).map_err(|e| format!("An image cannot be shown: {e}."))?;
        let protocol = match means {
            Means::Kitty => ProtocolType::Kitty,
            Means::Sixel => ProtocolType::Sixel,
            Means::Iterm2 => ProtocolType::Iterm2,
            Means::Auto | Means::Half | Means::Off => {
                let blocks = Halfblocks::new(image, size).map_err(|e| e.to_string())?;
                return Ok(Self(Arc::new(SlicedProtocol::Halfblocks(blocks))));
            }
        };
        #[expect(deprecated, reason = "the other way asks the terminal, which may not answer")]
        let mut picker = Picker::from_fontsize(FontSize::new(canvas.cell.0, canvas.cell.1));
        picker.set_protocol_type(protocol);
        let sliced = SlicedProtocol::new_with_resize(&picker, image, size, Resize::Fit(None));
        sliced.map(|sliced| Self(Arc::new(sliced))).map_err(|e| e.to_string())
    }

    /// Returns the protocol that draws it.
    #[must_use]
    pub fn protocol(&self) -> &SlicedProtocol {
        &self.0
    }
}

fn decode(content: &[u8]) -> image::ImageResult<DynamicImage> {
    let mut reader = ImageReader::new(Cursor::new(content)).with_guessed_format()?;
    let mut limits = Limits::no_limits();
    (limits.max_image_width, limits.max_image_height) = (Some(SIDE), Some(SIDE));
    limits.max_alloc = Some(DECODE_BYTES);
    reader.limits(limits);
    let mut decoder = reader.into_decoder()?;
    let orientation = decoder.orientation()?;
    let mut image = DynamicImage::from_decoder(decoder)?;
    image.apply_orientation(orientation);
    Ok(image)
}

/// The pictures that are ready, requested or failed.
#[derive(Clone, Debug, Default)]
pub struct Gallery {
    held: HashMap<(String, Size), Option<Picture>>,
    /// The same keys, the oldest first.
    order: VecDeque<(String, Size)>,
}

impl Gallery {
    /// Whether the picture was requested, whatever the result.
    #[must_use]
    pub fn knows(&self, url: &str, size: Size) -> bool {
        self.held.contains_key(&(url.to_owned(), size))
    }

    /// Returns the picture, if it is ready.
    #[must_use]
    pub fn get(&self, url: &str, size: Size) -> Option<&Picture> {
        self.held.get(&(url.to_owned(), size))?.as_ref()
    }

    /// Stores that a picture was requested at this size, is ready, or failed.
    pub fn put(&mut self, url: &str, size: Size, picture: Option<Picture>) {
        let key = (url.to_owned(), size);
        if self.held.insert(key.clone(), picture).is_none() {
            self.order.push_back(key);
        }
        if self.order.len() > HELD
            && let Some(oldest) = self.order.pop_front()
        {
            self.held.remove(&oldest);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_environment_tells_what_the_terminal_can() {
        let auto = |vars: &[(&str, &str)]| {
            let found =
                |name: &str| vars.iter().find(|(n, _)| *n == name).map(|(_, value)| (*value).to_owned());
            Means::Auto.resolve(found)
        };
        assert_eq!(auto(&[("TERM", "xterm-kitty")]), Means::Kitty);
        assert_eq!(auto(&[("TERM", "xterm-kitty"), ("TMUX", "/tmp/x")]), Means::Half);
        assert_eq!(auto(&[("TERM_PROGRAM", "iTerm.app")]), Means::Iterm2);
        assert_eq!(auto(&[("TERM", "foot")]), Means::Sixel);
        assert_eq!(auto(&[("TERM", "dumb")]), Means::Off);
        assert_eq!(auto(&[]), Means::Half);
        assert_eq!(Means::Off.resolve(|_| None), Means::Off);
    }

    #[test]
    fn up_05_what_costs_too_much_is_not_decoded() {
        let mut large = Cursor::new(Vec::new());
        image::GrayImage::new(4000, 10).write_to(&mut large, image::ImageFormat::Png).unwrap();
        let canvas = Canvas::new((80, 24), None);
        assert!(Picture::of(large.get_ref(), Size::new(4, 4), Means::Half, canvas).is_err());
        assert!(Picture::of(b"no image", Size::new(4, 4), Means::Half, canvas).is_err());
        let mut small = Cursor::new(Vec::new());
        image::GrayImage::new(40, 10).write_to(&mut small, image::ImageFormat::Png).unwrap();
        for means in [Means::Half, Means::Kitty, Means::Sixel, Means::Iterm2] {
            assert!(Picture::of(small.get_ref(), Size::new(4, 4), means, canvas).is_ok());
        }
        let mut pictures = Gallery::default();
        for n in 0..1000 {
            pictures.put(&n.to_string(), Size::new(1, 1), None);
        }
        let knows = |url: &str| pictures.knows(url, Size::new(1, 1));
        assert!(knows("999") && !knows("1") && pictures.held.len() <= HELD);
    }
}
