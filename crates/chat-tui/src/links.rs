//! Hyperlinks that the terminal opens (OSC 8). A cell of the screen cannot store a link, so the backend writes the
//! links around their cells.

use std::cell::RefCell;
use std::io::{Result, Write};
use std::ops::Range;
use std::rc::Rc;
use std::sync::Arc;

use ratatui::backend::{Backend, ClearType, WindowSize};
use ratatui::buffer::{Buffer, Cell, CellDiffOption};
use ratatui::layout::{Position, Size};

/// Whether links are passed to the terminal.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Links {
    /// Yes, unless the terminal is known not to support it.
    #[default]
    Auto,
    /// Always.
    On,
    /// Never.
    Off,
}

impl Links {
    /// Whether links are passed on, according to the environment's variables.
    #[must_use]
    pub fn resolve(self, var: impl Fn(&str) -> Option<String>) -> bool {
        match self {
            Self::Auto => {
                !matches!(var("TERM").as_deref(), None | Some("" | "dumb" | "linux" | "vt100" | "vt220"))
            }
            Self::On => true,
            Self::Off => false,
        }
    }
}

/// Cells of a row that link somewhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// The row.
    pub y: u16,
    /// The columns.
    pub x: Range<u16>,
    /// The URL, in printable ASCII.
    pub address: Arc<str>,
}

/// The links on the screen now.
pub type Shared = Rc<RefCell<Vec<Link>>>;

/// Marks the cells of links as changed, so that they are always redrawn: a cell does not store where it links to.
pub fn mark(buffer: &mut Buffer, links: &[Link]) {
    for link in links {
        for x in link.x.clone() {
            if let Some(cell) = buffer.cell_mut((x, link.y)) {
                cell.set_diff_option(CellDiffOption::AlwaysUpdate);
            }
        }
    }
}

/// A backend that writes links around their cells.
pub struct LinkedBackend<B> {
    inner: B,
    links: Shared,
}

impl<B: Backend<Error = std::io::Error> + Write> LinkedBackend<B> {
    /// Wraps the backend `inner`. `links` are the links to write.
    pub fn new(inner: B, links: Shared) -> Self {
        Self { inner, links }
    }

    fn draw_run(&mut self, run: &[(u16, u16, &Cell)], address: Option<&str>) -> Result<()> {
        // Nothing but a URL is ever written into the escape sequence.
        let address = address.filter(|address| address.bytes().all(|b| b.is_ascii_graphic()));
        if let Some(address) = address {
            write!(self.inner, "\x1b]8;;{address}\x1b\\")?;
        }
        self.inner.draw(run.iter().copied())?;
        if address.is_some() {
            write!(self.inner, "\x1b]8;;\x1b\\")?;
        }
        Ok(())
    }
}

impl<B: Backend<Error = std::io::Error> + Write> Backend for LinkedBackend<B> {
    type Error = std::io::Error;

    fn draw<'a, I: Iterator<Item = (u16, u16, &'a Cell)>>(&mut self, content: I) -> Result<()> {
        let links = self.links.clone();
        let links = links.borrow();
        if links.is_empty() {
            return self.inner.draw(content);
        }
        let (mut run, mut current): (Vec<_>, Option<&Link>) = (Vec::new(), None);
        for (x, y, cell) in content {
            let link = links.iter().find(|link| link.y == y && link.x.contains(&x));
            if link != current {
                self.draw_run(&run, current.map(|link| &*link.address))?;
                run.clear();
                current = link;
            }
            run.push((x, y, cell));
        }
        self.draw_run(&run, current.map(|link| &*link.address))
    }

    fn append_lines(&mut self, n: u16) -> Result<()> {
        self.inner.append_lines(n)
    }

    fn hide_cursor(&mut self) -> Result<()> {
        self.inner.hide_cursor()
    }

    fn show_cursor(&mut self) -> Result<()> {
        self.inner.show_cursor()
    }

    fn get_cursor_position(&mut self) -> Result<Position> {
        self.inner.get_cursor_position()
    }

    fn set_cursor_position<P: Into<Position>>(&mut self, position: P) -> Result<()> {
        self.inner.set_cursor_position(position)
    }

    fn clear(&mut self) -> Result<()> {
        self.inner.clear()
    }

    fn clear_region(&mut self, clear_type: ClearType) -> Result<()> {
        self.inner.clear_region(clear_type)
    }

    fn size(&self) -> Result<Size> {
        self.inner.size()
    }

    fn window_size(&mut self) -> Result<WindowSize> {
        self.inner.window_size()
    }

    fn flush(&mut self) -> Result<()> {
        Backend::flush(&mut self.inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ratatui::backend::CrosstermBackend;

    #[test]
    fn the_cells_of_a_link_and_no_others_are_linked() {
        let shared = Shared::default();
        let mut out = Vec::new();
        let mut backend = LinkedBackend::new(CrosstermBackend::new(&mut out), shared.clone());
        let link = |x, address: &str| Link { y: 0, x, address: address.into() };
        *shared.borrow_mut() =
            vec![link(1..3, "https://a.example"), link(3..4, "https://b.example/\x1b]0;x\x07")];
        let cells = ["a", "b", "c", "d", "e"].map(Cell::new);
        backend.draw((0..).zip(&cells).map(|(x, cell)| (x, 0, cell))).unwrap();
        let out = String::from_utf8(out).unwrap();
        let (start, end) =
            (out.find("\x1b]8;;https://a.example\x1b\\").unwrap(), out.find("\x1b]8;;\x1b\\").unwrap());
        assert!(out.find('a').unwrap() < start && out[start..end].contains("bc"), "{out:?}");
        assert!(
            out[end..].contains('d') && out[end..].contains('e') && !out.contains("b.example"),
            "{out:?}"
        );
        let mut buffer = Buffer::empty(ratatui::layout::Rect::new(0, 0, 5, 1));
        mark(&mut buffer, &shared.borrow());
        assert_eq!(buffer[(1, 0)].diff_option, CellDiffOption::AlwaysUpdate);
        assert_eq!(buffer[(0, 0)].diff_option, CellDiffOption::None);
    }

    #[test]
    fn which_terminals_get_them() {
        let auto = |term: &str| Links::Auto.resolve(|_| Some(term.to_owned()));
        assert!(auto("xterm-256color") && auto("tmux-256color") && !auto("linux") && !auto("dumb"));
        assert!(Links::On.resolve(|_| None) && !Links::Off.resolve(|_| Some("xterm".into())));
    }
}
