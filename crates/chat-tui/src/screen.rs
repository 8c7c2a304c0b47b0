//! The terminal: prepared for the screen, and restored on every way out, including a panic.

use std::io::{Stdout, Write, stdout};
use std::time::{Duration, Instant};

use crossterm::event::{DisableBracketedPaste, DisableFocusChange, EnableBracketedPaste, EnableFocusChange};
use crossterm::terminal::{
    BeginSynchronizedUpdate, EndSynchronizedUpdate, EnterAlternateScreen, LeaveAlternateScreen,
    disable_raw_mode, enable_raw_mode,
};
use crossterm::{cursor, execute, queue};
use ratatui::Terminal;
use ratatui::backend::{Backend, CrosstermBackend};

use crate::links::{LinkedBackend, Shared, mark};
use crate::pictures::Gallery;
use crate::view::view;
use chat_screen::clean::Clean;
use chat_screen::model::Model;
use chat_screen::msg::ToScreen;
use chat_screen::wrap::cut;

/// The minimum time between two notifications.
const ATTRACT_EVERY: Duration = Duration::from_secs(2);

/// The maximum width of a message in a notification, in cells.
const ATTRACT_CELLS: usize = 80;

/// How the person is notified of a message that mentions them while they are not looking.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Attention {
    /// The terminal's bell.
    Bell,
    /// A desktop notification with OSC 9 (iTerm2, kitty, WezTerm, Windows Terminal).
    Osc9,
    /// A desktop notification with OSC 777 (urxvt, foot, Ghostty).
    Osc777,
    /// A desktop notification with OSC 99 (kitty).
    Osc99,
    /// Do not notify.
    Off,
}

/// The terminal while the program uses it.
pub struct Screen {
    terminal: Terminal<LinkedBackend<CrosstermBackend<Stdout>>>,
    /// The links on the screen, if links are passed to the terminal.
    links: Option<Shared>,
    mouse: bool,
    attention: Attention,
    attracted: Option<Instant>,
}

impl Screen {
    /// Prepares the terminal.
    ///
    /// # Errors
    /// If there is no usable terminal.
    pub fn take(attention: Attention, links: bool) -> std::io::Result<Self> {
        let before = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            give_back();
            before(info);
        }));
        enter()?;
        let shared = Shared::default();
        let backend = LinkedBackend::new(CrosstermBackend::new(stdout()), shared.clone());
        let terminal = Terminal::new(backend).inspect_err(|_| give_back())?;
        let links = links.then_some(shared);
        mouse(true).inspect_err(|_| give_back())?;
        Ok(Self { terminal, links, mouse: true, attention, attracted: None })
    }

    /// Returns the number of columns and rows.
    #[must_use]
    pub fn size(&self) -> (u16, u16) {
        self.terminal.size().map_or((80, 24), |size| (size.width, size.height))
    }

    /// Returns the width and height in pixels, if the terminal reports them.
    #[must_use]
    pub fn pixels(&self) -> Option<(u16, u16)> {
        crossterm::terminal::window_size().ok().map(|size| (size.width, size.height))
    }

    /// Draws the model, in one synchronized update if the terminal supports that.
    ///
    /// # Errors
    /// If the terminal is gone.
    pub fn draw(&mut self, model: &Model, gallery: &Gallery) -> std::io::Result<()> {
        queue!(stdout(), BeginSynchronizedUpdate)?;
        self.terminal.draw(|frame| {
            let now = view(model, gallery, frame);
            if let Some(links) = &self.links {
                mark(frame.buffer_mut(), &now);
                *links.borrow_mut() = now;
            }
        })?;
        execute!(stdout(), EndSynchronizedUpdate)
    }

    /// Carries out an effect on the terminal. Returns whether the program should end.
    ///
    /// # Errors
    /// If the terminal is gone.
    pub fn perform(&mut self, what: ToScreen) -> std::io::Result<bool> {
        match what {
            ToScreen::Attract(text) => self.attract(&text)?,
            ToScreen::Mouse(take) => self.take_mouse(take)?,
            ToScreen::Redraw => self.clear()?,
            ToScreen::Suspend => self.suspend()?,
            ToScreen::Quit => return Ok(true),
        }
        Ok(false)
    }

    /// Makes the next drawing redraw every cell.
    fn clear(&mut self) -> std::io::Result<()> {
        // ratatui's own clear queries the cursor's position, and fails if the terminal does not answer in time.
        self.terminal.backend_mut().clear()?;
        self.terminal.swap_buffers();
        Ok(())
    }

    /// Takes the mouse wheel, or leaves the mouse to the terminal.
    fn take_mouse(&mut self, take: bool) -> std::io::Result<()> {
        self.mouse = take;
        mouse(take)
    }

    /// Notifies the person through the terminal, at most once in [`ATTRACT_EVERY`].
    fn attract(&mut self, text: &Clean) -> std::io::Result<()> {
        if self.attracted.is_some_and(|at| at.elapsed() < ATTRACT_EVERY) {
            return Ok(());
        }
        self.attracted = Some(Instant::now());
        let mut out = stdout();
        match self.attention {
            Attention::Off => {}
            Attention::Bell => out.write_all(b"\x07")?,
            Attention::Osc9 => write!(out, "\x1b]9;{}\x07", cut(text.as_str(), ATTRACT_CELLS))?,
            // The first semicolon ends the title. The text may contain more.
            Attention::Osc777 => {
                write!(out, "\x1b]777;notify;chat;{}\x07", cut(text.as_str(), ATTRACT_CELLS))?
            }
            Attention::Osc99 => write!(out, "\x1b]99;;{}\x1b\\", cut(text.as_str(), ATTRACT_CELLS))?,
        }
        out.flush()
    }

    /// Suspends the program until the shell resumes it.
    fn suspend(&mut self) -> std::io::Result<()> {
        give_back();
        rustix::process::kill_process(rustix::process::getpid(), rustix::process::Signal::TSTP)?;
        enter()?;
        mouse(self.mouse)?;
        self.clear()
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        give_back();
    }
}

fn enter() -> std::io::Result<()> {
    enable_raw_mode()?;
    execute!(stdout(), EnterAlternateScreen, EnableBracketedPaste, EnableFocusChange)
}

/// Requests buttons and the wheel, with coordinates for wide screens, but not every movement.
fn mouse(take: bool) -> std::io::Result<()> {
    let mut out = stdout();
    out.write_all(if take { b"\x1b[?1000h\x1b[?1006h" } else { b"\x1b[?1006l\x1b[?1000l" })?;
    out.flush()
}

/// Restores the terminal. Failures are ignored, because nobody could be told.
fn give_back() {
    let _ = mouse(false);
    let _ = execute!(stdout(), DisableFocusChange, DisableBracketedPaste, LeaveAlternateScreen, cursor::Show);
    let _ = disable_raw_mode();
    let _ = stdout().flush();
}
